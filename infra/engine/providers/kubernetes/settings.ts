/** The provider's configuration, in the kubernetes package's names. */
import type { Properties } from "../../provider";
import type { ClusterSettings } from "./kubeconfig";
import type { Mutability } from "./replacing";

export interface Settings extends ClusterSettings {
  /** Takes fields over that other managers hold, without an annotation. */
  patchForce: boolean;
  mutable: Mutability;
  /** Forgets resources whose cluster is gone. */
  deleteUnreachable: boolean;
  /** Takes over objects that exist already when a resource is made. */
  upsert: boolean;
}

/** The package's SDK sends yes and no as texts. */
const isOn = (value: unknown): boolean => value === true || value === "true";

export function parseSettings(configuration: Properties): Settings {
  const { kubeconfig, context, cluster, namespace } = configuration;
  if (configuration.renderYamlToDirectory) {
    throw new Error(
      "renderYamlToDirectory: the embedded engine renders no files. Use `flotilla export kubernetes`, or deploy with Pulumi's CLI.",
    );
  }
  if (configuration.enableServerSideApply !== undefined && !isOn(configuration.enableServerSideApply)) {
    throw new Error(
      "enableServerSideApply: the embedded engine applies on the server only. Leave it out, or deploy with Pulumi's CLI.",
    );
  }
  return {
    kubeconfig: typeof kubeconfig === "object" && kubeconfig ? JSON.stringify(kubeconfig) : kubeconfig,
    ...{ context, cluster, namespace },
    patchForce: isOn(configuration.enablePatchForce),
    mutable: {
      configMaps: isOn(configuration.enableConfigMapMutable),
      secrets: isOn(configuration.enableSecretMutable),
    },
    deleteUnreachable: isOn(configuration.deleteUnreachable),
    upsert: isOn(configuration.upsertExistingObjects),
  };
}
