/** What a shell needs to know of a command to complete its words. */
import type { Command } from "../command";

/** Where the values of an option or argument come from. */
export type Source = { words: string[] } | "stacks" | "files" | "nowhere";

export interface CompletableOption {
  /** Without dashes. */
  name: string;
  short?: string;
  summary: string;
  /** Undefined for one that takes no value. */
  values?: Source;
}

export interface Completable {
  /** As the user writes it, e.g. `"stack ls"`; empty for the program itself. */
  path: string;
  subcommands: { name: string; summary: string }[];
  options: CompletableOption[];
  /** Words that an argument can be. */
  words: string[];
}

/** The program and all of its commands. */
export function completablesOf(commands: Record<string, Command>, path = ""): Completable[] {
  const own: Completable = { path, subcommands: summariesOf(commands), options: [], words: [] };
  const inner = Object.entries(commands).flatMap(([name, command]) => {
    const inside = path === "" ? name : `${path} ${name}`;
    if (command.subcommands !== undefined) {
      return completablesOf(command.subcommands, inside);
    }
    return [{ path: inside, subcommands: [], options: optionsOf(command), words: wordsOf(command) }];
  });
  return [own, ...inner];
}

function summariesOf(commands: Record<string, Command>) {
  return Object.entries(commands).map(([name, { summary }]) => ({ name, summary }));
}

function optionsOf({ options }: Command): CompletableOption[] {
  return Object.entries(options).map(([name, { type, short, summary, value = "" }]) => ({
    ...{ name, short, summary },
    ...(type === "boolean" ? {} : { values: sourceOf(name, value) }),
  }));
}

function sourceOf(name: string, value: string): Source {
  const words = literalWords(value);
  if (words.length > 0) {
    return { words };
  }
  return name === "stack" ? "stacks" : value === "FILE" ? "files" : "nowhere";
}

function wordsOf({ arguments: names }: Command): string[] {
  return names.flatMap((name) => literalWords(name.replace(/^\[(.*)\]$/, "$1")));
}

/** What is in small letters stands for itself. */
function literalWords(text: string): string[] {
  return /^[a-z]+(\|[a-z]+)*$/.test(text) ? text.split("|") : [];
}
