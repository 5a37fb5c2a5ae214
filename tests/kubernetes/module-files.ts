/** Files that published Go modules carry, such as definitions of custom resources: fetched when a test wants them. */
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { ensureToolchain } from "../../infra/setup/cluster/toolchain";

export const KEDA_MODULE = "github.com/kedacore/keda/v2@v2.21.0";

/** The folder of a module's sources. */
export async function goModule(module: string): Promise<string> {
  const { program } = await ensureToolchain();
  const { stdout } = await promisify(execFile)(program, ["mod", "download", "-json", module]);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

/** The YAML files in a folder of a module, by name. */
async function moduleFiles(module: string, folder: string): Promise<string[]> {
  const directory = path.join(await goModule(module), folder);
  const names = fs.readdirSync(directory).filter((name) => name.endsWith(".yaml"));
  return names.sort().map((name) => fs.readFileSync(path.join(directory, name), "utf8"));
}

/** Definitions of KEDA's custom resources. */
export const kedaDefinitions = () => moduleFiles(KEDA_MODULE, "config/crd/bases");

/** Definitions of the Gateway API's standard channel, in the version that Traefik 3.7 waits for. */
export async function gatewayApiDefinitions(): Promise<string[]> {
  const files = await moduleFiles("sigs.k8s.io/gateway-api@v1.6.1", "config/crd/standard");
  // Beside them is a policy for those who change them, which is no definition.
  return files.filter((file) => file.includes("kind: CustomResourceDefinition"));
}
