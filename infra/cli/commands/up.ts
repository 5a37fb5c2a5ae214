import {
  defineCommand,
  exitCodes,
  expectNoChangesOption,
  parallelOf,
  runOptions,
  selectionOf,
} from "../command";
import type { Context } from "../context";
import { runEngine } from "../engines/run";
import { messageOf, UserError } from "../errors";
import { Session } from "../session";
import { readStackSettings } from "../stack-settings";
import { describeFailures } from "../targets/failures";
import { conclude } from "./outcome";
import { formatOutputs } from "./show-outputs";

export const up = defineCommand({
  summary: "make the stack as described, and print its URLs",
  arguments: [],
  options: {
    ...runOptions,
    ...expectNoChangesOption,
  },
  async run(context, options) {
    const { terminal } = context;
    const session = new Session(context, options.stack);
    const { engine, name, reason } = session.chooseEngine(options.engine);
    terminal.line(`Engine: ${name} (${reason})`);
    if (readStackSettings(await session.configuration()).target === undefined) {
      const file = `Pulumi.${options.stack}.yaml`;
      throw new UserError(
        `${file} names no flotilla:target. Start from a copy of Pulumi.dev.yaml, with a flotilla:settings.httpPort of its own.`,
      );
    }
    const { target, on } = await session.target();
    await target.prepare(context, on);
    await target.checkBeforeUp(context, on);

    session.recordEngine(name);
    const told: string[] = [];
    const outcome = await runEngine(context, session, engine, {
      verb: "up",
      ...selectionOf(options),
      ...parallelOf(options),
      expectNoChanges: options["expect-no-changes"],
      onEvent: (event) => {
        if (event.kind === "step-failed") {
          told.push(event.message);
        }
      },
    });
    if (!outcome.succeeded && !outcome.interrupted) {
      await showFailures(context, session, told);
    }
    const code = conclude(context, outcome);
    if (code === exitCodes.done) {
      const outputs = (await engine.outputs(session.location)) ?? {};
      for (const line of formatOutputs(outputs)) {
        terminal.line(`  ${line}`);
      }
    }
    for (const warning of code === exitCodes.done ? target.warnings(context) : []) {
      terminal.line(`${terminal.style("yellow", "warning:")} ${warning}`);
    }
    return code;
  },
});

async function showFailures({ terminal }: Context, session: Session, told: string[]): Promise<void> {
  try {
    for (const line of await describeFailures(await session.onTarget(), told)) {
      terminal.line(line);
    }
  } catch (error) {
    // The reason why `up` failed must not be hidden by a second failure.
    terminal.errorLine(`The containers' state cannot be read: ${messageOf(error)}`);
  }
}
