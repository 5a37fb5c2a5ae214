/** What `help` prints. */
import type { Command, OptionSpec } from "./command";
import { formatTable } from "./display/format";

const exitCodeLines = ["Exit codes: 0 done, 1 failed, 2 not understood, 130 interrupted."];

/** The usage of everything. */
export function overview(commands: Record<string, Command>): string[] {
  return [
    "Usage: npm run <command> -- [options]",
    "",
    ...indented(Object.entries(commands).map(([name, { summary }]) => [scriptOf(name), summary])),
    "",
    "npm run <command> -- --help tells the options of a command.",
    ...exitCodeLines,
  ];
}

/** The usage of one command. */
export function usageOf(name: string, command: Command): string[] {
  const options = Object.entries(command.options);
  const tail = [...(options.length > 0 ? ["[options]"] : []), ...command.arguments].join(" ");
  return [
    `Usage: npm run ${scriptOf(name)}${tail === "" ? "" : ` -- ${tail}`}`,
    `  ${command.summary}`,
    ...(options.length > 0 ? ["", ...indented(options.map(([option, spec]) => describe(option, spec)))] : []),
    "",
    ...exitCodeLines,
  ];
}

function describe(name: string, { value, summary, default: fallback }: OptionSpec): string[] {
  return [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    fallback === undefined ? summary : `${summary} (default: ${fallback})`,
  ];
}

function indented(rows: string[][]): string[] {
  return formatTable(rows).map((line) => `  ${line}`);
}

/** The npm script of a command: npm writes its groups with a colon. */
function scriptOf(name: string): string {
  return name.replace("-", ":");
}
