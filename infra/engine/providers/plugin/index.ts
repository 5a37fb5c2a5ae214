import type { ProviderFactory } from "../../provider";
import { locatePlugin } from "./locate";
import { PluginProcess } from "./process";
import { PluginProvider } from "./provider";

/** The provider of a package that the engine has none of its own for: a plugin that is installed on the machine. */
export function pluginFactory(packageName: string): ProviderFactory {
  return async (configuration, host) => {
    const { directory, run } = host;
    const wanted = { package: packageName, version: configuration.version as string | undefined, directory };
    const command = locatePlugin(wanted);
    if (!command) {
      throw new Error(
        `There is no provider for the package "${packageName}": the embedded engine has none of its own, and there is no ` +
          `pulumi-resource-${packageName} on the PATH nor${wanted.version ? ` of version ${wanted.version} or newer` : ""} among Pulumi's installed plugins.`,
      );
    }
    const address = await host.address();
    const plugin = await PluginProcess.start({
      command,
      name: packageName,
      directory,
      address,
      environment: {
        ...{ PULUMI_PROJECT: run.project, PULUMI_NODEJS_PROJECT: run.project },
        ...host.environment,
      },
      onLine: host.onLine,
    });
    const provider = new PluginProvider(plugin, host);
    try {
      await provider.handshake(address);
      await provider.configure(configuration);
    } catch (error) {
      provider.close();
      throw error;
    }
    return provider;
  };
}
