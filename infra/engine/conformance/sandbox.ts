/**
 * A folder in which a rule runs: the project, the state and the probe's cloud.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { StackConfiguration } from "../project/configuration";
import type { ProjectOptions } from "../stack-files";
import type { Cloud } from "./outcome";
import type { RuleRun } from "./rule";

const REPOSITORY = path.resolve(__dirname, "..", "..", "..");

/** Where the probe's plugin is. */
export const PROBE_FOLDER = path.join(__dirname, "bin");

export class Sandbox {
  readonly directory = mkdtempSync(path.join(tmpdir(), "flotilla-conformance-"));
  readonly project = path.join(this.directory, "project");
  private readonly cloudFile = path.join(this.directory, "cloud.json");

  constructor(
    private readonly file: string,
    private readonly rule: string,
  ) {
    mkdirSync(this.project);
    mkdirSync(path.join(this.directory, "state"));
    const options = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
    writeFileSync(path.join(this.project, "Pulumi.yaml"), `name: conformance\nmain: index.cjs\n${options}`);
    writeFileSync(path.join(this.project, "package.json"), '{ "name": "conformance", "private": true }\n');
    const load = (...parts: string[]) => `require(${JSON.stringify(path.join(...parts))})`;
    const transpile = load(__dirname, "..", "host", "transpile.cjs");
    const program = load(__dirname, "program.ts");
    writeFileSync(
      path.join(this.project, "index.cjs"),
      `${transpile};\nconst outputs = ${program}.default;\nmodule.exports = outputs ?? {};\n`,
    );
    cpSync(path.join(__dirname, "fixture"), path.join(this.project, "fixture"), { recursive: true });
    // The SDK alone: the CLI starts the plugin of each package that it finds.
    const sdk = path.join("node_modules", "@pulumi", "pulumi");
    mkdirSync(path.dirname(path.join(this.project, sdk)), { recursive: true });
    symlinkSync(path.join(REPOSITORY, sdk), path.join(this.project, sdk), "junction");
  }

  location(run: RuleRun): ProjectOptions {
    return {
      directory: this.project,
      stack: run.stack ?? "s",
      backendUrl: pathToFileURL(path.join(this.directory, "state")).href,
      passphrase: "correct horse",
    };
  }

  /** What the program, the plugin and the CLI find in their environment. */
  environment(index: number): Record<string, string> {
    return {
      RULE_FILE: this.file,
      RULE: this.rule,
      RUN: String(index),
      PROBE_CLOUD: this.cloudFile,
      PATH: [PROBE_FOLDER, process.env.PATH].join(path.delimiter),
    };
  }

  /** Sets what a run wants to find. */
  prepare(run: RuleRun): void {
    const cloud = this.cloud();
    cloud.calls = [];
    run.tamper?.(cloud.objects);
    writeFileSync(this.cloudFile, JSON.stringify(cloud));
    if (!run.configuration) return;
    const { directory, stack, passphrase } = this.location(run);
    const configuration = StackConfiguration.load(directory, stack, () => passphrase);
    for (const [key, value] of Object.entries(run.configuration)) {
      configuration.set(key.replace(/!$/, ""), value, { secret: key.endsWith("!") });
    }
    configuration.save();
  }

  cloud(): Cloud {
    if (!existsSync(this.cloudFile)) return { made: {}, objects: {}, calls: [] };
    return JSON.parse(readFileSync(this.cloudFile, "utf8"));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
