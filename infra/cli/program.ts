/** From a command line to an exit code. */
import { type Command, type ExitCode, exitCodes } from "./command";
import type { Context } from "./context";
import { messageOf, UsageError } from "./errors";
import { overview, usageOf } from "./usage";

const helpWords = ["help", "--help", "-h"];

/** Runs one command; whatever goes wrong is told to the user and ends in an exit code. */
export async function runProgram(
  commands: Record<string, Command>,
  words: string[],
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const tell = (line: string) => terminal.line(line);
  const complain = (line: string) => terminal.errorLine(line);
  const asksForHelp = helpWords.includes(words[0] ?? "");
  const { name, command, argv } = find(commands, asksForHelp ? words.slice(1) : words);
  if (asksForHelp) {
    print(command === undefined ? overview(commands) : usageOf(name, command), tell);
    return exitCodes.done;
  }
  if (command === undefined) {
    complain(words.length === 0 ? "A command is missing." : `There is no command "${words[0]}".`);
    print(["", ...overview(commands)], complain);
    return exitCodes.usage;
  }
  const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  if (own.includes("--help") || own.includes("-h")) {
    print(usageOf(name, command), tell);
    return exitCodes.done;
  }
  try {
    return await command.execute(context, argv);
  } catch (error) {
    complain(terminal.style("red", describe(error)));
    if (error instanceof UsageError) {
      print(["", ...usageOf(name, command)], complain);
      return exitCodes.usage;
    }
    return exitCodes.failed;
  }
}

interface Found {
  /** As the user writes it, e.g. `"stack ls"`. */
  name: string;
  command: Command | undefined;
  /** The words after it. */
  argv: string[];
}

function find(commands: Record<string, Command>, [word = "", ...argv]: string[]): Found {
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  const inner = command?.subcommands === undefined ? undefined : find(command.subcommands, argv);
  return inner?.command === undefined
    ? { name: word, command, argv }
    : { ...inner, name: `${word} ${inner.name}` };
}

/** An error that speaks to the user as it is; a mistake of ours with the place where it is. */
function describe(error: unknown): string {
  const isBug = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return (isBug && error.stack) || messageOf(error);
}

function print(lines: string[], write: (line: string) => void): void {
  for (const line of lines) {
    write(line);
  }
}
