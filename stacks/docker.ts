/** Deploys an architecture to local Docker. */
import { z } from "zod";
import { DockerPlatform } from "../components/platforms/docker";
import type { StackConfiguration } from "../infra/config";
import { deployArchitecture } from "../infra/deploy";
import { parseSettings } from "../infra/settings";
import { readImageRecord } from "../infra/setup/image-record";

const settingsSchema = z.strictObject({
  /** Port on this machine at which the gateway answers. */
  httpPort: z.int().min(1).max(65535).default(8080),
  /** Address of this machine on which it answers. */
  publishAddress: z.ipv4().default("127.0.0.1"),
});

export function deploy({ architecture, settings }: StackConfiguration) {
  const { httpPort, publishAddress } = parseSettings(settingsSchema, settings);
  const platform = new DockerPlatform("shop", { images: readImageRecord(), publishAddress });
  const { gateway } = deployArchitecture(architecture, platform, httpPort);
  return { url: gateway.url };
}
