import { defineCommand, stackOption } from "../command";
import { UsageError, UserError } from "../errors";
import { Session } from "../session";
import { isTerminal } from "../stdio";
import { chooseMain } from "../targets/choose";

export const exec = defineCommand({
  summary: "run a command in a replica of a service; its exit code is that of the command",
  arguments: ["SERVICE", "--", "COMMAND..."],
  options: {
    ...stackOption,
    replica: {
      type: "string",
      value: "NAME",
      summary: "in this replica, as ps names it; else in a healthy one",
    },
  },
  async run(context, { stack: name, replica }, [service, ...command]) {
    if (service === undefined || command.length === 0) {
      throw new UsageError("exec takes a service and a command: write for example exec users -- ls -l.");
    }
    const { target, on } = await new Session(context, name).target();
    if (target.unreachable !== undefined) {
      throw new UserError(`exec is not served on ${target.name}: ${target.unreachable}`);
    }
    const stack = await target.open(context, on);
    const wanted = { service, replica, label: on.label, place: target.name };
    const part = chooseMain(await stack.parts(), wanted);

    const { stdio } = context;
    const raw = isTerminal(stdio);
    if (raw) {
      // Keys go to the command as they are, Ctrl-C too.
      stdio.stdin.setRawMode?.(true);
    }
    try {
      return await stack.exec(part, command, stdio);
    } finally {
      if (raw) {
        stdio.stdin.setRawMode?.(false);
      }
    }
  },
});
