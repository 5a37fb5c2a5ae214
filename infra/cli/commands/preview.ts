import {
  defineCommand,
  exitCodes,
  expectNoChangesOption,
  parallelOf,
  runOptions,
  selectionOf,
} from "../command";
import { type FinishedStep, formatStep } from "../display/changes";
import { operations, summarize } from "../display/operations";
import type { EngineName } from "../engines/engine";
import { runEngine, type ShownOutcome } from "../engines/run";
import { Session } from "../session";

export const preview = defineCommand({
  summary: "show what an up would change, property by property",
  arguments: [],
  options: {
    ...runOptions,
    ...expectNoChangesOption,
    diff: { type: "boolean", summary: "also the properties of what is made and deleted" },
    json: { type: "boolean", summary: "print one JSON object, and nothing else" },
  },
  async run(context, options) {
    const { terminal } = context;
    const session = new Session(context, options.stack);
    const { engine, name, reason } = session.chooseEngine(options.engine);
    const isForPeople = !options.json;
    if (isForPeople) {
      terminal.line(`Engine: ${name} (${reason})`);
    }
    const { target, on } = await session.target();
    await target.prepare(context, on);

    const steps: FinishedStep[] = [];
    const outcome = await runEngine(context, session, engine, {
      ...{ verb: "preview", ...selectionOf(options), ...parallelOf(options) },
      expectNoChanges: options["expect-no-changes"],
      silent: options.json,
      onEvent: (event) => {
        if (event.kind === "step-finished" && operations[event.operation].change) {
          steps.push(event);
        }
      },
    });
    const code = outcome.succeeded ? exitCodes.done : exitCodes.failed;
    if (options.json) {
      terminal.line(JSON.stringify(asJson(session.label, name, outcome, steps), null, 2));
      return outcome.interrupted ? exitCodes.interrupted : code;
    }
    for (const line of steps.flatMap((step) => formatStep(step, terminal, options.diff))) {
      terminal.line(line);
    }
    if (outcome.interrupted) {
      return exitCodes.interrupted;
    }
    if (outcome.succeeded || steps.length > 0) {
      terminal.line(`Preview of ${session.label}: ${summarize(outcome.counts, "toDo")}`);
    }
    return code;
  },
});

/** The object of `--json`: fields are added, none goes or changes its meaning without another `version`. */
function asJson(stack: string, engine: EngineName, outcome: ShownOutcome, steps: FinishedStep[]) {
  const { succeeded, counts, diagnostics } = outcome;
  return {
    ...{ version: 1, stack, engine, succeeded, counts },
    steps: steps.map(({ operation, urn, type, name, id, changes }) => ({
      ...{ operation, urn, type, name, id, changes },
    })),
    diagnostics,
  };
}
