import { defineCommand, exitCodes, stackOption } from "../command";
import { Session } from "../session";
import { formatReplicas } from "../targets/replicas";

export const ps = defineCommand({
  summary: "list the stack's replicas",
  arguments: [],
  options: stackOption,
  async run(context, options) {
    const session = new Session(context, options.stack);
    const { target, on } = await session.target();
    const parts = await (await target.open(context, on)).parts();
    const [header, ...replicas] = formatReplicas(parts, new Date());
    const lines =
      replicas.length === 0 ? [`Nothing of ${session.label} is on ${target.name}.`] : [header!, ...replicas];
    for (const line of lines) {
      context.terminal.line(line);
    }
    return exitCodes.done;
  },
});
