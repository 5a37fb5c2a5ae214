/** What the npm scripts run: `main.ts <command> [options]`. */
import { homedir } from "node:os";
import { exitCodes } from "./command";
import { commands } from "./commands/table";
import type { Context } from "./context";
import { embeddedEngine } from "./engines/embedded";
import { PulumiEngine } from "./engines/pulumi";
import { onPaper } from "./export/on-paper";
import { Interruption } from "./interruption";
import { runProgram } from "./program";
import { Terminal } from "./terminal";

// Node's crash reports shall not have what the environment has: the passphrase.
process.report.excludeEnv = true;

const interruption = new Interruption(() => process.exit(exitCodes.interrupted));
process.on("SIGINT", () => interruption.receive("SIGINT"));
process.on("SIGTERM", () => interruption.receive("SIGTERM"));

// Whoever reads our output may have seen enough, as "head" has.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    throw error;
  }
  process.exit(exitCodes.done);
});

// What talks to Docker or to an engine is required when it is first used, so that `help` is quick.
const engine = (): typeof import("../engine") => require("../engine");
const configuration = (): typeof import("../engine/project/configuration") =>
  require("../engine/project/configuration");
const connection = (): typeof import("../engine/providers/docker/connection") =>
  require("../engine/providers/docker/connection");
const setUpDocker = (): typeof import("../setup/docker") => require("../setup/docker");
const setUpImages = (): typeof import("../setup/images") => require("../setup/images");
const setUpPorts = (): typeof import("../setup/ports") => require("../setup/ports");

const context: Context = {
  directory: process.cwd(),
  machine: { environment: process.env, home: homedir(), platform: process.platform },
  terminal: new Terminal(process.stdout, process.stderr, process.env),
  stdio: process,
  interruption,
  engines: {
    embedded: embeddedEngine,
    pulumi: new PulumiEngine(process.env, () => connection().daemonEnvironment()),
  },
  rehearse: (stack) => engine().rehearse({ ...stack, onPaper }),
  docker: async () => connection().dockerConnection(),
  daemonUrl: () => connection().daemonAddress({}).url,
  setup: {
    ensureDocker: () => setUpDocker().ensureDocker(),
    ensureImages: (registryKind) => setUpImages().ensureStackImages(registryKind),
    adviseOnDocker: () => setUpDocker().adviseOnDocker(),
    imageSource: () => setUpImages().imageSource(),
    findPortHolders: (ports) => setUpPorts().findPortHolders(ports),
    cleanStandIns: () => setUpImages().cleanStandIns(),
    pinImages: () => setUpImages().pinImages(),
  },
  configuration: async (...stack) => configuration().StackConfiguration.load(...stack),
};

void runProgram(commands, process.argv.slice(2), context).then((code) => {
  // A timer or an idle connection of a library must not keep a finished command alive.
  process.stdout.write("", () => process.exit(code));
});
