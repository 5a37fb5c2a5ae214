/** What a command is, and how its command line is read. */
import { parseArgs } from "node:util";
import type { Context } from "./context";
import { messageOf, UsageError } from "./errors";

/** What the process says when it ends; the usage text documents them. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;
/** One of those; of `exec` also any other, which is that of the command it ran. */
export type ExitCode = number;

export interface OptionSpec {
  type: "string" | "boolean";
  summary: string;
  /** One letter that means the same, e.g. `"f"`. */
  short?: string;
  /** What stands for the value in the usage: a name in capitals, e.g. `"FILE"`, or the words that it can be. */
  value?: string;
  default?: string;
  /** Whether it may be given several times; the values are a list then. */
  multiple?: boolean;
}

type Options = Record<string, OptionSpec>;

type Values<O extends Options> = {
  [K in keyof O]: O[K]["type"] extends "boolean"
    ? boolean
    : O[K] extends { multiple: true }
      ? string[]
      : O[K] extends { default: string }
        ? string
        : string | undefined;
};

interface Definition<O extends Options> {
  summary: string;
  /**
   * Names of the arguments that may follow, as the usage shows them, e.g. `["[SERVICE]"]` or `["ls|rm"]`. After one that
   * ends in `...` any number may.
   */
  arguments: string[];
  options: O;
  run(context: Context, options: Values<O>, positionals: string[]): Promise<ExitCode>;
}

export interface Command {
  summary: string;
  arguments: string[];
  options: Options;
  /** What it consists of, by name, when it does nothing by itself. */
  subcommands?: Record<string, Command>;
  /** Reads the command line and runs; throws {@link UsageError} when it cannot be read. */
  execute(context: Context, argv: string[]): Promise<ExitCode>;
}

export const stackOption = {
  stack: { type: "string", value: "NAME", default: "dev", summary: "the stack to work on" },
} as const satisfies Options;

export const engineOption = {
  engine: {
    type: "string",
    value: "pulumi|embedded",
    summary: "use this engine, also for a stack that the other one made",
  },
} as const satisfies Options;

/** Which resources a run is about. */
export const selectionOptions = {
  target: {
    ...{ type: "string", multiple: true, value: "RESOURCE" },
    summary: "only this one, by name or URN; * and ** stand for any text; may be repeated",
  },
  "target-dependents": { type: "boolean", summary: "with --target: also what depends on it" },
  exclude: {
    ...{ type: "string", multiple: true, value: "RESOURCE" },
    summary: "all but this one, as --target names it; may be repeated",
  },
  "exclude-dependents": { type: "boolean", summary: "with --exclude: also without what depends on it" },
} as const satisfies Options;

export const parallelOption = {
  parallel: {
    ...{ type: "string", value: "N" },
    summary: "work on at most N resources at once (default: 16; Pulumi's CLI has its own)",
  },
} as const satisfies Options;

/** That option as an engine takes it. */
export function parallelOf({ parallel }: Values<typeof parallelOption>) {
  if (parallel === undefined) {
    return {};
  }
  if (!/^[1-9]\d{0,3}$/.test(parallel)) {
    throw new UsageError(`--parallel must be a whole number from 1 to 9999, got "${parallel}".`);
  }
  return { parallel: Number(parallel) };
}

/** What every run of an engine over a stack takes. */
export const runOptions = {
  ...stackOption,
  ...engineOption,
  ...selectionOptions,
  ...parallelOption,
} as const satisfies Options;

export const expectNoChangesOption = {
  "expect-no-changes": { type: "boolean", summary: "fail when there are any" },
} as const satisfies Options;

/** Those options as an engine takes them. */
export function selectionOf(options: Values<typeof selectionOptions>) {
  const { target, exclude } = options;
  if (target.length > 0 && exclude.length > 0) {
    throw new UsageError("--target and --exclude do not go together. Leave one of them out.");
  }
  return {
    ...{ targets: target.map(toUrn), targetDependents: options["target-dependents"] },
    ...{ excludes: exclude.map(toUrn), excludeDependents: options["exclude-dependents"] },
  };
}

/** A pattern of URNs, of the name that ends them. */
function toUrn(resource: string): string {
  return resource.includes("::") || resource.startsWith("**") ? resource : `**::${resource}`;
}

/** Several commands under one name, e.g. `stack ls` and `stack rm`. */
export function defineGroup(summary: string, subcommands: Record<string, Command>): Command {
  const names = Object.keys(subcommands).join("|");
  return {
    ...{ summary, subcommands, arguments: [names], options: {} },
    execute: async (_, [name]) => {
      const given = name === undefined ? "nothing" : `"${name}"`;
      throw new UsageError(`Write one of ${names.replaceAll("|", ", ")}, got ${given}.`);
    },
  };
}

/** Gives a command the parser that its options ask for. */
export function defineCommand<const O extends Options>(definition: Definition<O>): Command {
  const { summary, options, run } = definition;
  return {
    summary,
    arguments: definition.arguments,
    options,
    execute: async (context, argv) => {
      const isOpen = definition.arguments.at(-1)?.replace("]", "").endsWith("...");
      const most = isOpen ? Number.POSITIVE_INFINITY : definition.arguments.length;
      const { values, positionals } = parse(argv, options, most);
      return run(context, values as Values<O>, positionals);
    },
  };
}

function parse(argv: string[], options: Options, mostArguments: number) {
  const { values: given, positionals } = parseStrictly(argv, options);
  if (positionals.length > mostArguments) {
    throw new UsageError(`There is one argument too many: "${positionals[mostArguments]}".`);
  }
  const values = Object.fromEntries(
    Object.entries(options).map(([name, spec]) => [
      name,
      given[name] ?? (spec.type === "boolean" ? false : spec.multiple ? [] : spec.default),
    ]),
  );
  if ("stack" in values && !/^[A-Za-z0-9_.-]{1,100}$/.test(String(values.stack))) {
    throw new UsageError(
      `--stack must be of letters, digits, "-", "_" and ".", got "${values.stack}". Write for example --stack dev.`,
    );
  }
  return { values, positionals };
}

function parseStrictly(args: string[], options: Options) {
  const types = Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple = false }]) => [
      name,
      { type, multiple, ...(short === undefined ? {} : { short }) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args, options: types, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    // Node's message goes on about "--" for positionals, which helps nobody here.
    throw new UsageError(messageOf(error).split(". To specify")[0]!.replace(/\.?$/, "."));
  }
}
