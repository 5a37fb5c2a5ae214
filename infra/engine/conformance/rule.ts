/**
 * A rule of Pulumi's, as runs of a small program one after the other, which both engines shall do alike.
 */
import type { SelectionOptions } from "../deployment/selection";
import type { Verb } from "../events";

export type Objects = Record<string, Record<string, unknown>>;

export interface RuleRun extends SelectionOptions {
  verb: Verb;
  /** What the program does; its result is the stack's outputs. */
  program: () => unknown;
  /** Changes the probe's cloud before the run. */
  tamper?: (objects: Objects) => void;
  expectNoChanges?: boolean;
  previewOnly?: boolean;
  /** Configuration that is set before the run; a secret by its key's `!` at the end. */
  configuration?: Record<string, string>;
  /** Name of the stack, in the place of `s`. */
  stack?: string;
}

/** By what the rule says; the key is a sentence. */
export type Rules = Record<string, RuleRun[]>;

type More = Omit<RuleRun, "verb" | "program">;
const nothing = () => undefined;

export const up = (program: () => unknown, more: More = {}): RuleRun => ({ verb: "up", program, ...more });
export const preview = (program: () => unknown, more: More = {}): RuleRun => ({
  verb: "preview",
  program,
  ...more,
});
export const refresh = (more: More = {}): RuleRun => ({ verb: "refresh", program: nothing, ...more });
export const destroy = (more: More = {}): RuleRun => ({ verb: "destroy", program: nothing, ...more });

/** URN of a thing at the top of the stack. */
export const urn = (name: string) => `urn:pulumi:s::conformance::probe:index:Thing::${name}`;
