/** The stacks that `bench/engine.ts` runs, and how each engine runs them. */
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import type { Command } from "./process-tree";

const ROOT = path.resolve(__dirname, "../..");
const TRANSPILE = path.join(ROOT, "infra/engine/host/transpile.cjs");
const PASSPHRASE = "bench";

export interface BenchStack {
  directory: string;
  name: string;
  environment: Record<string, string>;
}

export interface BenchEngine {
  name: string;
  command(stack: BenchStack, verb: "preview" | "up"): Command;
  /** What goes before the first run of a stack. */
  start?(stack: BenchStack): Command;
}

/** A program of nothing, in a folder of its own. */
export function emptyStack(folder: string): BenchStack {
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, "Pulumi.yaml"), stringify(EMPTY_PROJECT));
  fs.writeFileSync(path.join(folder, "Pulumi.bench.yaml"), "config: {}\n");
  fs.writeFileSync(path.join(folder, "index.ts"), "export {};\n");
  fs.writeFileSync(path.join(folder, "package.json"), "{}\n");
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
  return { directory: folder, name: "bench", environment: {} };
}

const EMPTY_PROJECT = {
  name: "empty",
  main: "index.ts",
  runtime: { name: "nodejs", options: { typescript: true } },
};

/** A stack of this repository on local Docker. Its configuration is a file of the checkout. */
export function repositoryStack(
  name: string,
  architecture: string,
  environment: Record<string, string> = {},
): BenchStack {
  const config = {
    "flotilla:target": "docker",
    "flotilla:architecture": architecture,
    "flotilla:settings": { httpPort: 18_498 },
  };
  fs.writeFileSync(configurationFile(name), stringify({ config }));
  return { directory: ROOT, name, environment };
}

export function configurationFile(stack: string): string {
  return path.join(ROOT, `Pulumi.${stack}.yaml`);
}

export function embeddedEngine(states: string): BenchEngine {
  fs.mkdirSync(states);
  return {
    name: "embedded",
    command({ directory, name, environment }, verb) {
      const options = { directory, stack: name, verb, environment };
      const words = JSON.stringify({ ...options, backendUrl: `file://${states}`, passphrase: PASSPHRASE });
      return {
        program: process.execPath,
        words: ["--require", TRANSPILE, path.join(__dirname, "embedded.ts"), words],
        ...{ directory: ROOT, environment: {} },
      };
    },
  };
}

/** Pulumi's CLI, with the docker provider of another process, whose time is not counted. */
export function pulumiEngine(states: string, dockerPort: number): BenchEngine {
  fs.mkdirSync(states);
  const own = {
    PULUMI_BACKEND_URL: `file://${states}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DEBUG_PROVIDERS: `docker:${dockerPort}`,
  };
  const pulumi = ({ directory, name, environment }: BenchStack, ...words: string[]): Command => ({
    program: "pulumi",
    words: [...words, "--stack", name, "--non-interactive"],
    directory,
    environment: { ...environment, ...own },
  });
  return {
    name: "Pulumi's CLI",
    start: (stack) => ({
      ...pulumi(stack),
      words: ["stack", "init", stack.name, "--no-select", "--non-interactive"],
    }),
    command: (stack, verb) => pulumi(stack, verb, ...(verb === "up" ? ["--yes", "--skip-preview"] : [])),
  };
}
