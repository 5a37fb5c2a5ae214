import { defineCommand, engineOption, exitCodes, stackOption } from "../command";
import { Session } from "../session";

export const cancel = defineCommand({
  summary: "take off the lock of a run that is gone for good; one that still runs is not stopped",
  arguments: [],
  options: { ...stackOption, ...engineOption },
  async run(context, { stack, engine: asked }) {
    const session = new Session(context, stack);
    await session.chooseEngine(asked).engine.cancel(session.location);
    context.terminal.line(`${session.label} is not locked`);
    return exitCodes.done;
  },
});
