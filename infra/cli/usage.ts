/** What `help` prints. */
import type { Command, OptionSpec } from "./command";
import { formatTable } from "./display/format";

const exitCodeLines = [
  "Exit codes: 0 done, 1 failed, 2 not understood, 130 interrupted; of exec, that of its command.",
];

/** The usage of everything. */
export function overview(commands: Record<string, Command>): string[] {
  return [
    "Usage: flotilla <command> [options]",
    "",
    ...summaries(commands),
    "",
    "flotilla <command> --help tells the options of a command.",
    ...exitCodeLines,
  ];
}

/** The usage of one command. */
export function usageOf(name: string, command: Command): string[] {
  const options = Object.entries(command.options);
  const tail = [...(options.length > 0 ? ["[options]"] : []), ...command.arguments];
  return [
    `Usage: flotilla ${[name, ...tail].join(" ")}`,
    `  ${command.summary}`,
    ...(command.subcommands === undefined ? [] : ["", ...summaries(command.subcommands)]),
    ...(options.length > 0 ? ["", ...indented(options.map(([option, spec]) => describe(option, spec)))] : []),
    "",
    ...exitCodeLines,
  ];
}

function summaries(commands: Record<string, Command>): string[] {
  return indented(Object.entries(commands).map(([name, { summary }]) => [name, summary]));
}

function describe(name: string, { short, value, summary, default: fallback }: OptionSpec): string[] {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return [
    value === undefined ? names : `${names} ${value}`,
    fallback === undefined ? summary : `${summary} (default: ${fallback})`,
  ];
}

function indented(rows: string[][]): string[] {
  return formatTable(rows).map((line) => `  ${line}`);
}
