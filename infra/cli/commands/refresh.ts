import { defineCommand, engineOption, stackOption } from "../command";
import { runEngine } from "../engines/run";
import { Session } from "../session";
import { conclude } from "./outcome";

export const refresh = defineCommand({
  summary: "read what is really there into the state",
  arguments: [],
  options: { ...stackOption, ...engineOption },
  async run(context, options) {
    const session = new Session(context, options.stack);
    const { engine, name, reason } = session.chooseEngine(options.engine);
    context.terminal.line(`Engine: ${name} (${reason})`);
    return conclude(context, await runEngine(context, session, engine, { verb: "refresh" }));
  },
});
