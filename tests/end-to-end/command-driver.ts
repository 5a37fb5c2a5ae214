import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { commands } from "../../infra/cli/commands/table";
import type { CommandResult, Overrides } from "./driver";

const ROOT = path.resolve(__dirname, "../..");
const COMMAND_TIMEOUT_MS = 15 * 60_000;

/** The part of a driver that no target changes: it writes the stack's file, and runs what a user types. */
export class CommandDriver {
  /** File of the description that `up` deploys. */
  architecture = "stacks/shop.ts";
  /** What runs the program; our own unless a test is about the CLI. */
  engine: "embedded" | "pulumi" = "embedded";
  /** Values of the stack's configuration that are written encrypted, by key. */
  secrets: Record<string, string> = {};
  private readonly configurationFile: string;

  constructor(
    readonly stack: string,
    private readonly target: string,
    private readonly settings: Record<string, unknown>,
  ) {
    this.configurationFile = path.join(ROOT, `Pulumi.${stack}.yaml`);
  }

  async up(overrides: Overrides = {}): Promise<CommandResult> {
    const config = {
      "flotilla:target": this.target,
      "flotilla:architecture": this.architecture,
      "flotilla:settings": this.settings,
      "flotilla:overrides": overrides,
    };
    fs.writeFileSync(this.configurationFile, stringify({ ...this.salt(), config }));
    for (const [key, value] of Object.entries(this.secrets)) {
      await this.command("config", "set", "--secret", key, value);
    }
    return this.command("up");
  }

  /** Whether this checkout has, or had, the stack. */
  protected isConfigured(): boolean {
    return fs.existsSync(this.configurationFile);
  }

  async down(...options: string[]): Promise<CommandResult> {
    const result = await this.command("down", ...options);
    if (result.exitCode === 0) {
      fs.rmSync(this.configurationFile, { force: true });
    }
    return result;
  }

  command(verb: string, ...words: string[]): Promise<CommandResult> {
    return run(process.execPath, ["bin/flotilla.js", ...this.commandLine(verb, words)]);
  }

  /** The stack comes first, as words after "--" are those of another program. */
  protected commandLine(verb: string, words: string[]): string[] {
    const engine = "engine" in commands[verb].options ? ["--engine", this.engine] : [];
    return [verb, "--stack", this.stack, ...engine, ...words];
  }

  async portForward(service: string, port: number): Promise<{ url: string; end(): Promise<number> }> {
    const args = ["bin/flotilla.js", "port-forward", "--stack", this.stack, service, `:${port}`];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    const closed = once(child, "close");
    const first = await Promise.race([once(child.stdout, "data"), closed]);
    const [, address] = /^(127\.0\.0\.1:\d+) -> /.exec(String(first[0])) ?? [];
    if (address === undefined) {
      throw new Error(`port-forward said ${first[0]}`);
    }
    const end = async () => {
      child.kill("SIGINT");
      return (await closed)[0] as number;
    };
    return { url: `http://${address}`, end };
  }

  /** Kept from an earlier write, since the stack's secrets were made with it. */
  private salt(): Record<string, string> {
    const existing = fs.existsSync(this.configurationFile)
      ? fs.readFileSync(this.configurationFile, "utf8")
      : "";
    const salt = /^encryptionsalt: (.*)$/m.exec(existing)?.[1];
    return salt === undefined ? {} : { encryptionsalt: salt };
  }
}

/** Runs a program to its end in the checkout; what it writes to either stream is its output, in order. */
export function run(
  program: string,
  args: string[],
  input = "",
  environment: Record<string, string> = {},
): Promise<CommandResult> {
  const env = { ...process.env, NO_COLOR: "1", ...environment };
  const child = spawn(program, args, { cwd: ROOT, env, stdio: "pipe" });
  const timer = setTimeout(() => child.kill("SIGTERM"), COMMAND_TIMEOUT_MS);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? 128, output });
    });
  });
}
