import type { Configuration } from "./context";
import { readStackSettings } from "./stack-settings";

/**
 * Kind of registry that the stack runs: its settings' or its description's. Undefined where that cannot be read, which the
 * program will say better.
 */
export function registryKindOf(
  configuration: Pick<Configuration, "get">,
  directory: string,
): string | undefined {
  const { registryKind } = readStackSettings(configuration).settings;
  const file = configuration.get("flotilla:architecture")?.value;
  if (registryKind !== undefined || file === undefined) {
    return registryKind as string | undefined;
  }
  try {
    const { readDescription } = require("../description/read") as typeof import("../description/read");
    const { registry } = readDescription(file, directory).input as { registry?: { kind?: string } };
    return registry?.kind;
  } catch {
    return undefined;
  }
}
