import { defineCommand, type ExitCode, exitCodes, parallelOf, runOptions, selectionOf } from "../command";
import type { Context } from "../context";
import { plural } from "../display/format";
import { runEngine } from "../engines/run";
import { Session } from "../session";
import type { StackOnTarget } from "../targets/target";
import { conclude } from "./outcome";

export const destroy = defineCommand({
  summary: "delete the stack, with its data",
  arguments: [],
  options: {
    ...runOptions,
    "keep-data": { type: "boolean", summary: "leave the persistent volumes for the next up" },
  },
  async run(context, options) {
    const { terminal } = context;
    const keepData = options["keep-data"];
    const session = new Session(context, options.stack);
    const { engine, name, reason } = session.chooseEngine(options.engine);
    terminal.line(`Engine: ${name} (${reason})`);
    const selection = { ...selectionOf(options), ...parallelOf(options) };
    const isWhole = selection.targets.length + selection.excludes.length === 0;
    const stack = await session.onTarget();
    if (isWhole) {
      await nameVolumes(context, stack, keepData);
    }

    const outcome = await runEngine(context, session, engine, { verb: "destroy", keepData, ...selection });
    const code = conclude(context, outcome);
    if (code !== exitCodes.done || !isWhole) {
      return code;
    }
    await engine.remove(session.location);
    session.forgetEngine();
    if (!keepData) {
      await stack.removePersistentVolumes();
    }
    return checkNothingIsLeft(context, session.label, stack, keepData);
  },
});

async function nameVolumes({ terminal }: Context, stack: StackOnTarget, keepData: boolean): Promise<void> {
  const volumes = await stack.persistentVolumes();
  if (volumes.length > 0) {
    terminal.line(`${keepData ? "Keeps" : "Deletes"} ${plural(volumes.length, "volume")} with data:`);
    for (const { name, purpose } of volumes) {
      terminal.line(`  ${name} (${purpose})`);
    }
  }
}

async function checkNothingIsLeft(
  { terminal }: Context,
  label: string,
  stack: StackOnTarget,
  keepData: boolean,
): Promise<ExitCode> {
  const left = await stack.leftovers(keepData);
  if (left.length === 0) {
    return exitCodes.done;
  }
  terminal.errorLine(`These of ${label} are still there:`);
  for (const thing of left) {
    terminal.errorLine(`  ${thing}`);
  }
  return exitCodes.failed;
}
