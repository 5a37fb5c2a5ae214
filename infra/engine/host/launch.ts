/**
 * Runs the program in a process of its own, with the executor of the program's own SDK. It loads the SDK while the engine
 * reads the state, and gets its configuration when that is done: not in its environment, which others may look at.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import * as path from "node:path";
import { createInterface } from "node:readline";
import type { Duplex, Readable } from "node:stream";
import type { ConfigurationValue } from "../project/configuration";
import { ORGANIZATION } from "../state/backend";
import { send } from "./frames.cjs";
import { BEGIN, DESCRIPTOR, ENGINE_ADDRESS } from "./pipe-clients.cjs";

export interface ProgramOptions {
  /** Folder of Pulumi.yaml. */
  directory: string;
  /** The program, as a path below it. */
  main: string;
  project: string;
  stack: string;
  preview: boolean;
  parallel: number;
  environment: Record<string, string>;
  /** Takes each line that the program prints. */
  onLine(line: string): void;
}

export interface RunningProgram {
  /** Leads to the program, which calls the engine's services through it. */
  pipe: Duplex;
  /** Has the program itself begin; until then its process gets ready, and waits. */
  begin(configuration: Record<string, ConfigurationValue>): void;
  /** The exit code, once it has ended; 128 for a signal. */
  exit: Promise<number>;
  stop(): void;
}

function forwardLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream }).on("line", onLine);
}

export function launchProgram(options: ProgramOptions): RunningProgram {
  const { directory, onLine } = options;
  const fromProgram = createRequire(path.join(directory, "package.json"));
  const program: ChildProcess = spawn(
    process.execPath,
    [
      // A program lives for seconds: with room for what it makes, it collects half as much garbage.
      "--max-semi-space-size=64",
      ...["--require", path.join(__dirname, "preload.cjs")],
      fromProgram.resolve("@pulumi/pulumi/cmd/run"),
      ...["--monitor", ENGINE_ADDRESS, "--engine", ENGINE_ADDRESS],
      ...["--project", options.project, "--stack", options.stack, "--organization", ORGANIZATION],
      ...["--root-directory", directory, "--pwd", directory, "--parallel", String(options.parallel)],
      ...(options.preview ? ["--dry-run"] : []),
      options.main,
    ],
    {
      cwd: directory,
      // The last one goes both ways; it is "pipe", but for Windows.
      stdio: ["ignore", "pipe", "pipe", "overlapped"],
      // In a group of its own, so that Ctrl-C reaches the engine only, which lets running steps end.
      detached: true,
      windowsHide: true,
      env: {
        ...process.env,
        ...options.environment,
        PULUMI_NODEJS_TYPESCRIPT: "false", // tsx compiles it, which takes a fifth of the time
      },
    },
  );
  forwardLines(program.stdout!, onLine);
  forwardLines(program.stderr!, onLine);
  const exit = new Promise<number>((resolve, reject) => {
    program.once("error", reject);
    program.once("close", (code) => resolve(code ?? 128));
  });
  exit.catch(() => {}); // for who does not wait for it any more
  const pipe = program.stdio[DESCRIPTOR] as Duplex;
  return {
    pipe,
    begin: (configuration) => beginProgram(pipe, configuration),
    exit,
    stop: () => program.kill(),
  };
}

function beginProgram(pipe: Duplex, configuration: Record<string, ConfigurationValue>): void {
  const values = Object.entries(configuration).map(([key, { value }]) => [key, value]);
  const secretKeys = Object.keys(configuration).filter((key) => configuration[key].secret);
  send(pipe, [BEGIN, null, { values: Object.fromEntries(values), secretKeys }]);
}
