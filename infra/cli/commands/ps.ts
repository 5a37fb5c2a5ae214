import { defineCommand, exitCodes, stackOption } from "../command";
import { formatReplicas } from "../docker/replicas";
import { Session } from "../session";

export const ps = defineCommand({
  summary: "list the stack's replicas on Docker",
  arguments: [],
  options: stackOption,
  async run(context, options) {
    const session = new Session(context, options.stack);
    const parts = await (await session.onDocker()).parts();
    const [header, ...replicas] = formatReplicas(parts, new Date());
    const lines =
      replicas.length === 0 ? [`Nothing of ${session.label} is on Docker.`] : [header!, ...replicas];
    for (const line of lines) {
      context.terminal.line(line);
    }
    return exitCodes.done;
  },
});
