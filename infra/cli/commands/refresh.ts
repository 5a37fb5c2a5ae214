import { defineCommand, expectNoChangesOption, parallelOf, runOptions, selectionOf } from "../command";
import { runEngine } from "../engines/run";
import { Session } from "../session";
import { conclude } from "./outcome";

export const refresh = defineCommand({
  summary: "read what is really there into the state",
  arguments: [],
  options: {
    ...runOptions,
    ...expectNoChangesOption,
  },
  async run(context, options) {
    const session = new Session(context, options.stack);
    const { engine, name, reason } = session.chooseEngine(options.engine);
    context.terminal.line(`Engine: ${name} (${reason})`);
    const expectNoChanges = options["expect-no-changes"];
    const run = {
      verb: "refresh",
      ...selectionOf(options),
      ...parallelOf(options),
      expectNoChanges,
    } as const;
    return conclude(context, await runEngine(context, session, engine, run));
  },
});
