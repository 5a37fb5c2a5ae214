import type { EngineEvent } from "../../engine/events";
import { defineCommand, engineOption, exitCodes, stackOption } from "../command";
import { shortType } from "../display/format";
import { countChanges, operations, summarize } from "../display/operations";
import { runEngine } from "../engines/run";
import { Session } from "../session";
import type { Terminal } from "../terminal";

type Step = Extract<EngineEvent, { kind: "step-finished" }>;

export const preview = defineCommand({
  summary: "show what an up would change",
  arguments: [],
  options: {
    ...stackOption,
    ...engineOption,
    "expect-no-changes": { type: "boolean", summary: "fail when there are any" },
  },
  async run(context, options) {
    const { terminal } = context;
    const session = new Session(context, options.stack);
    const { engine, name, reason } = session.chooseEngine(options.engine);
    terminal.line(`Engine: ${name} (${reason})`);
    const { target, on } = await session.target();
    await target.prepare(context, on);

    const steps: Step[] = [];
    const expectNoChanges = options["expect-no-changes"];
    const outcome = await runEngine(context, session, engine, {
      verb: "preview",
      expectNoChanges,
      onEvent: (event) => {
        if (event.kind === "step-finished" && operations[event.operation].change) {
          steps.push(event);
        }
      },
    });
    for (const step of steps) {
      terminal.line(formatStep(step, terminal));
    }
    if (outcome.interrupted) {
      return exitCodes.interrupted;
    }
    if (outcome.counts === undefined || !outcome.succeeded) {
      return outcome.succeeded ? exitCodes.done : exitCodes.failed;
    }
    terminal.line(`Preview of ${session.label}: ${summarize(outcome.counts, "toDo")}`);
    if (expectNoChanges && countChanges(outcome.counts) > 0) {
      terminal.errorLine("There are changes, and --expect-no-changes was given.");
      return exitCodes.failed;
    }
    return exitCodes.done;
  },
});

/** @example formatStep(step, terminal); // " ~ docker:Container users [image, envs]" */
export function formatStep(
  { operation, type, name, changedKeys }: Step,
  painter: Pick<Terminal, "style">,
): string {
  const { sign, style } = operations[operation];
  const keys = changedKeys.length === 0 ? "" : ` [${changedKeys.join(", ")}]`;
  return `${painter.style(style, sign.padStart(2))} ${shortType(type)} ${name}${keys}`;
}
