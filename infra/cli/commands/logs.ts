import { defineCommand, exitCodes, stackOption } from "../command";
import { UsageError, UserError } from "../errors";
import { Session } from "../session";
import { nothingThere } from "../targets/choose";
import { LogPrinter } from "../targets/log-printer";
import type { Part } from "../targets/target";

export const logs = defineCommand({
  summary: "print what the services wrote",
  arguments: ["[SERVICE]"],
  options: {
    ...stackOption,
    follow: { type: "boolean", short: "f", summary: "go on with what they write, until Ctrl-C" },
    lines: { type: "string", value: "N", default: "100", summary: "last lines of each container" },
  },
  async run(context, options, [service]) {
    const lines = parseLines(options.lines);
    const session = new Session(context, options.stack);
    const { target, on } = await session.target();
    const stack = await target.open(context, on);
    const mains = (await stack.parts()).filter(({ role }) => role === "main");
    const wanted = ({ role, workload }: Part) => role === "main" && (service ?? workload) === workload;
    const parts = mains.filter(wanted);
    if (parts.length === 0) {
      throw new UserError(nothingThere(mains, { service, label: session.label, place: target.name }));
    }

    const printer = new LogPrinter(context.terminal, parts);
    if (options.follow) {
      const signal = context.interruption.cooperate(() => undefined);
      const onLine = printer.print.bind(printer);
      await stack.follow({ lines, signal, wanted, onLine });
      return exitCodes.done;
    }
    const logs = await Promise.all(
      parts.map(async (part) => (await stack.readLog(part, lines)).map((line) => ({ part, line }))),
    );
    const merged = logs.flat().sort((a, b) => (a.line.at < b.line.at ? -1 : a.line.at > b.line.at ? 1 : 0));
    for (const { part, line } of merged) {
      printer.print(part, line);
    }
    return exitCodes.done;
  },
});

function parseLines(text: string): number {
  if (!/^\d{1,7}$/.test(text)) {
    throw new UsageError(`--lines must be a whole number, got "${text}".`);
  }
  return Number(text);
}
