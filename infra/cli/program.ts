/** From a command line to an exit code. */
import { type Command, type ExitCode, exitCodes } from "./command";
import type { Context } from "./context";
import { messageOf, UsageError } from "./errors";
import { overview, usageOf } from "./usage";

const helpWords = ["help", "--help", "-h"];

/** Runs one command; whatever goes wrong is told to the user and ends in an exit code. */
export async function runProgram(
  commands: Record<string, Command>,
  [name, ...argv]: string[],
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  if (name !== undefined && helpWords.includes(name)) {
    const about = commands[argv[0] ?? ""];
    print(about === undefined ? overview(commands) : usageOf(argv[0]!, about), (line) => terminal.line(line));
    return exitCodes.done;
  }
  const complain = (line: string) => terminal.errorLine(line);
  const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  if (name === undefined || command === undefined) {
    complain(name === undefined ? "A command is missing." : `There is no command "${name}".`);
    print(["", ...overview(commands)], complain);
    return exitCodes.usage;
  }
  if (argv.includes("--help") || argv.includes("-h")) {
    print(usageOf(name, command), (line) => terminal.line(line));
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
