import { type Command, defineCommand, exitCodes } from "../command";
import { bashCompletion } from "../completion/bash";
import { type Completable, completablesOf } from "../completion/completable";
import { fishCompletion } from "../completion/fish";
import { zshCompletion } from "../completion/zsh";
import { UsageError } from "../errors";

const shells: Record<string, (completables: Completable[]) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** @param commands the table that it is in itself. */
export function completionOf(commands: () => Record<string, Command>): Command {
  return defineCommand({
    summary: "print what makes a shell complete the words of this command",
    arguments: [Object.keys(shells).join("|")],
    options: {},
    async run({ terminal }, _options, [shell = ""]) {
      if (!Object.hasOwn(shells, shell)) {
        throw new UsageError(`Write one of ${Object.keys(shells).join(", ")}, got "${shell}".`);
      }
      terminal.write(shells[shell]!(completablesOf(commands())));
      return exitCodes.done;
    },
  });
}
