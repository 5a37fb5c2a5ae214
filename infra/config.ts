import * as pulumi from "@pulumi/pulumi";
import type { Architecture } from "./architecture";
import { readDescription } from "./description/read";
import { overridesSource, parseArchitecture } from "./parse-architecture";

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
  const { input, source } = readDescription(config.require("architecture"));
  const overrides = {
    input: config.getObject<unknown>("overrides") ?? {},
    source: overridesSource(pulumi.getStack()),
  };
  return {
    target: config.require("target"),
    architecture: parseArchitecture(input, source, overrides),
    settings: config.getObject<Record<string, unknown>>("settings") ?? {},
  };
}
