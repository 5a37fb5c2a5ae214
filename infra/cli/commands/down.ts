import { defineCommand, type ExitCode, engineOption, exitCodes, stackOption } from "../command";
import type { Context } from "../context";
import { plural } from "../display/format";
import { persistentVolumeLabel, type StackOnDocker } from "../docker/stack-on-docker";
import { runEngine } from "../engines/run";
import { Session } from "../session";
import { readStackSettings } from "../stack-settings";
import { conclude } from "./outcome";

export const down = defineCommand({
  summary: "delete the stack, with its data",
  arguments: [],
  options: {
    ...stackOption,
    ...engineOption,
    "keep-data": { type: "boolean", summary: "leave the persistent volumes for the next up" },
  },
  async run(context, options) {
    const { terminal } = context;
    const keepData = options["keep-data"];
    const session = new Session(context, options.stack);
    const { engine, name, reason } = session.chooseEngine(options.engine);
    terminal.line(`Engine: ${name} (${reason})`);
    const { target } = readStackSettings(await session.configuration());
    const stack = (target ?? "docker") === "docker" ? await session.onDocker() : undefined;
    if (stack !== undefined) {
      await nameVolumes(context, stack, keepData);
    }

    const outcome = await runEngine(context, session, engine, {
      verb: "destroy",
      retainLabel: keepData ? persistentVolumeLabel : undefined,
    });
    const code = conclude(context, outcome);
    if (code !== exitCodes.done) {
      return code;
    }
    await engine.remove(session.location);
    session.forgetEngine();
    if (stack === undefined) {
      return code;
    }
    if (!keepData) {
      await stack.removePersistentVolumes();
    }
    return checkNothingIsLeft(context, stack, keepData);
  },
});

async function nameVolumes({ terminal }: Context, stack: StackOnDocker, keepData: boolean): Promise<void> {
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
  stack: StackOnDocker,
  keepData: boolean,
): Promise<ExitCode> {
  const kept = keepData ? (await stack.persistentVolumes()).map(({ name }) => `volume ${name}`) : [];
  const left = (await stack.everything()).filter((thing) => !kept.includes(thing));
  if (left.length === 0) {
    return exitCodes.done;
  }
  terminal.errorLine(`These are still there, with the label flotilla.stack=${stack.label}:`);
  for (const thing of left) {
    terminal.errorLine(`  ${thing}`);
  }
  return exitCodes.failed;
}
