/** Which engine a stack is run by: the one that made it, unless told otherwise. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { UsageError, UserError } from "../errors";
import { type EngineName, engineNames } from "./engine";

export interface Choice {
  /** What `--engine` said. */
  asked: string | undefined;
  /** What made the stack, if anything has. */
  recorded: EngineName | undefined;
  backendUrl: string;
  hasPulumi: boolean;
}

/** The engine and why it is that one, for the user; throws when something is missing for it. */
export function chooseEngine(choice: Choice): { name: EngineName; reason: string } {
  const { asked, recorded, hasPulumi } = choice;
  const name = decide(choice);
  if (asked !== undefined) {
    return { name, reason: "asked for by --engine" };
  }
  if (recorded !== undefined) {
    return { name, reason: "it made this stack" };
  }
  return { name, reason: hasPulumi ? "the Pulumi CLI is on the PATH" : "no Pulumi CLI is on the PATH" };
}

function decide({ asked, recorded, backendUrl, hasPulumi }: Choice): EngineName {
  if (asked !== undefined && !isEngineName(asked)) {
    throw new UsageError(`--engine must be "pulumi" or "embedded", got "${asked}".`);
  }
  const wanted = asked ?? recorded;
  if (wanted === "pulumi" && !hasPulumi) {
    const why =
      asked === undefined
        ? "The Pulumi CLI made this stack, and"
        : "--engine pulumi asks for the Pulumi CLI, which";
    throw new UserError(`${why} is not on the PATH. Install it, or write --engine embedded.`);
  }
  const engine = wanted ?? (hasPulumi ? "pulumi" : "embedded");
  if (engine === "embedded" && !backendUrl.startsWith("file://")) {
    throw new UserError(
      `The backend ${withoutCredentials(backendUrl)} needs the Pulumi CLI${hasPulumi ? "; write --engine pulumi" : ", which is not on the PATH"}: the embedded engine works with file:// backends only.`,
    );
  }
  return engine;
}

function isEngineName(name: string): name is EngineName {
  return engineNames.some((engine) => engine === name);
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//");
}

/** Which engine made which stack, in `.flotilla/engines.json` of the project. */
export class EngineRecord {
  readonly #file: string;

  constructor(projectDirectory: string) {
    this.#file = path.join(projectDirectory, ".flotilla", "engines.json");
  }

  get(stack: string): EngineName | undefined {
    const name = this.#read()[stack];
    if (name !== undefined && !isEngineName(name)) {
      throw new UserError(
        `${this.#file}: the engine of "${stack}" must be "pulumi" or "embedded", got "${name}".`,
      );
    }
    return name;
  }

  set(stack: string, engine: EngineName): void {
    this.#write({ ...this.#read(), [stack]: engine });
  }

  forget(stack: string): void {
    const { [stack]: _, ...others } = this.#read();
    this.#write(others);
  }

  #read(): Record<string, string> {
    try {
      return JSON.parse(readFileSync(this.#file, "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return {};
      }
      throw new UserError(
        `${this.#file} is not valid JSON. Delete it, and name the engine by --engine once.`,
      );
    }
  }

  #write(engines: Record<string, string>): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, `${JSON.stringify(engines, null, 2)}\n`);
  }
}
