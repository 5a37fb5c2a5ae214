/** Deploys an architecture to a Kubernetes cluster. */
import * as pulumi from "@pulumi/pulumi";
import { type ImagesArgs, KubernetesPlatform } from "../components/platforms/kubernetes";
import type { StackConfiguration } from "../infra/config";
import { deployArchitecture } from "../infra/deploy";
import { clusterOf, type KubernetesSettings, kubernetesSettings } from "../infra/kubernetes-settings";
import { parseSettings } from "../infra/settings";
import { loadCommand } from "../infra/setup/cluster/cluster";
import { readImageRecord } from "../infra/setup/image-record";

export function deploy({ architecture, settings }: StackConfiguration) {
  const checked = parseSettings(kubernetesSettings, settings);
  const { cluster: _, images, httpPort, registryKind, ...args } = checked;
  const registry = { kind: registryKind ?? architecture.registry.kind };
  const platform = new KubernetesPlatform("shop", {
    ...args,
    ...clusterOf(checked),
    images: imagesArgs(images),
    references: readImageRecord(),
  });
  const { outputs } = deployArchitecture({ ...architecture, registry }, platform, httpPort);
  return outputs;
}

/** The password is a value of its own, as `npm run config -- set --secret` writes it. */
function imagesArgs(images: KubernetesSettings["images"]): ImagesArgs {
  if (images === undefined) {
    return { load: loadCommand() };
  }
  if ("load" in images) {
    return images;
  }
  const password = new pulumi.Config("flotilla").getSecret("imageRegistryPassword");
  return { ...images, password };
}
