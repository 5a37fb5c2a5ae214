import { z } from "zod";
import { registryKinds } from "../components/registries";
import { gateway } from "./description/schema/gateway";
import { secret } from "./description/schema/secret";
import { service } from "./description/schema/service";
import { keysOf, text } from "./description/schema/terms";

/** A whole architecture as data: the same for every target. */
export const architectureSchema = z.strictObject({
  name: text.describe("Name of the gateway, and of the architecture."),
  registry: z
    .strictObject({
      kind: keysOf(registryKinds).describe("Kind of the registry."),
      nodes: z
        .union([z.literal(1), z.literal(3)])
        .optional()
        .describe("Servers of the registry; 3 go on when one of them is lost. Default 1."),
    })
    .describe("Where instances register and are found."),
  secrets: z
    .record(text, secret)
    .default({})
    .describe(
      "Secrets that are generated once and stay, by name; `{{name}}` in a `secretFiles` content stands for one.",
    ),
  services: z.record(text, service).describe("The services by name."),
  templates: z
    .record(text, service)
    .optional()
    .describe(
      "What services have in common, by name; a service or another template takes it over by `extends`.",
    ),
  gateway: gateway.describe("The one public door."),
});

export type Architecture = z.output<typeof architectureSchema>;
export type ArchitectureInput = z.input<typeof architectureSchema>;
export type ServiceDescription = Architecture["services"][string];

/** Gives a description its type, for editors. */
export function defineArchitecture(architecture: ArchitectureInput): ArchitectureInput {
  return architecture;
}
