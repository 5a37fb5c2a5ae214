/** What the npm scripts run: `main.ts <command> [options]`. */
import { homedir } from "node:os";
import { exitCodes } from "./command";
import { commands } from "./commands/table";
import type { Context } from "./context";
import { embeddedEngine } from "./engines/embedded";
import { PulumiEngine } from "./engines/pulumi";
import { Interruption } from "./interruption";
import { runProgram } from "./program";
import { Terminal } from "./terminal";

const interruption = new Interruption(() => process.exit(exitCodes.interrupted));
process.on("SIGINT", () => interruption.receive("SIGINT"));
process.on("SIGTERM", () => interruption.receive("SIGTERM"));

// What talks to Docker or to an engine is loaded when it is first used, so that `help` is quick.
const context: Context = {
  directory: process.cwd(),
  machine: { environment: process.env, home: homedir(), platform: process.platform },
  terminal: new Terminal(process.stdout, process.stderr, process.env),
  interruption,
  engines: { embedded: embeddedEngine, pulumi: new PulumiEngine(process.env) },
  docker: async () => (await import("../engine/providers/docker/connection")).dockerConnection(),
  setup: {
    ensureDocker: async () => (await import("../setup/docker")).ensureDocker(),
    ensureImages: async () => (await import("../setup/images")).ensureImages(),
    findPortHolders: async (ports) => (await import("../setup/ports")).findPortHolders(ports),
    cleanStandIns: async () => (await import("../setup/images")).cleanStandIns(),
    pinImages: async () => (await import("../setup/images")).pinImages(),
  },
  configuration: async (directory, stack, passphrase) =>
    (await import("../engine")).StackConfiguration.load(directory, stack, passphrase),
};

void runProgram(commands, process.argv.slice(2), context).then((code) => {
  // A timer or an idle connection of a library must not keep a finished command alive.
  process.stdout.write("", () => process.exit(code));
});
