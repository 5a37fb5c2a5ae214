import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Architecture, type ArchitectureInput, parseArchitecture } from "./architecture";

/** What the stack's configuration says: the four keys of `Pulumi.<stack>.yaml`. */
export interface StackConfiguration {
  /** Name of a program in `stacks/`. */
  target: string;
  architecture: Architecture;
  /** The target's own settings, not yet checked. */
  settings: Record<string, unknown>;
}

/**
 * Reads the configuration of the running stack.
 *
 * @throws RunError with every problem of the configuration and of the description it names.
 */
export function readConfiguration(): StackConfiguration {
  const config = new pulumi.Config("flotilla");
  const file = config.require("architecture");
  const described = load(file);
  const overrides = config.getObject<Record<string, object>>("overrides") ?? {};
  return {
    target: config.require("target"),
    architecture: parseArchitecture(withOverrides(described, overrides), file),
    settings: config.getObject<Record<string, unknown>>("settings") ?? {},
  };
}

function load(file: string): ArchitectureInput {
  const module = require(path.resolve(file)) as { default?: ArchitectureInput };
  if (module.default === undefined) {
    const fix = "Write `export default defineArchitecture({ … })`.";
    throw new pulumi.RunError(`flotilla:architecture names ${file}, which has no default export. ${fix}`);
  }
  return module.default;
}

/**
 * Merges each service's overrides into its description: objects member by member, anything else as a whole.
 *
 * @throws RunError when an override names a service that is not described.
 */
export function withOverrides(
  described: ArchitectureInput,
  overrides: Record<string, object>,
): ArchitectureInput {
  const unknown = Object.keys(overrides).filter((name) => !(name in described.services));
  if (unknown.length > 0) {
    const known = Object.keys(described.services).join(", ");
    throw new pulumi.RunError(
      `flotilla:overrides names unknown services: ${unknown.join(", ")}. Known are ${known}.`,
    );
  }
  return { ...described, services: merge(described.services, overrides) as ArchitectureInput["services"] };
}

function merge(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) {
    return over;
  }
  const merged = Object.entries(over).map(([key, value]) => [
    key,
    key in base ? merge(base[key], value) : value,
  ]);
  return { ...base, ...Object.fromEntries(merged) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
