/** Deploys an architecture to local Docker. */
import { z } from "zod";
import { DockerPlatform } from "../components/platforms/docker";
import { architectureSchema } from "../infra/architecture";
import type { StackConfiguration } from "../infra/config";
import { deployArchitecture } from "../infra/deploy";
import { parseSettings } from "../infra/settings";
import { readImageRecord } from "../infra/setup/image-record";

const settingsSchema = z.strictObject({
  /** Port on this machine at which the gateway answers. */
  httpPort: z.int().min(1).max(65535).default(8080),
  /** Address of this machine on which it answers. */
  publishAddress: z.ipv4().default("127.0.0.1"),
  /** Kind of registry, where this stack wants another one than the description. */
  registryKind: architectureSchema.shape.registry.shape.kind.optional(),
});

export function deploy({ architecture, settings }: StackConfiguration) {
  const { httpPort, publishAddress, registryKind } = parseSettings(settingsSchema, settings);
  const registry = { ...architecture.registry, kind: registryKind ?? architecture.registry.kind };
  const platform = new DockerPlatform("shop", { images: readImageRecord(), publishAddress });
  const { outputs } = deployArchitecture({ ...architecture, registry }, platform, httpPort);
  return outputs;
}
