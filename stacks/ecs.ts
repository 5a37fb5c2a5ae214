/** Deploys an architecture to AWS ECS. */
import { EcsPlatform, keptFileSystem } from "../components/platforms/ecs";
import type { StackConfiguration } from "../infra/config";
import { deployArchitecture } from "../infra/deploy";
import { ecsSettings } from "../infra/ecs-settings";
import { parseSettings } from "../infra/settings";
import { readImageRecord } from "../infra/setup/image-record";

export async function deploy({ architecture, settings }: StackConfiguration) {
  const { httpPort, registryKind, ...args } = parseSettings(ecsSettings, settings);
  const registry = { ...architecture.registry, kind: registryKind ?? architecture.registry.kind };
  const fileSystemId = await keptFileSystem("shop", args.region);
  const platform = new EcsPlatform("shop", { ...args, fileSystemId, references: readImageRecord() });
  const { outputs } = deployArchitecture({ ...architecture, registry }, platform, httpPort);
  return outputs;
}
