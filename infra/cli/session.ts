/** One stack that a command works on. */
import type { Configuration, Context } from "./context";
import { chooseEngine, EngineRecord } from "./engines/choice";
import type { Engine, EngineName, StackLocation } from "./engines/engine";
import { pulumiIsOnPath } from "./engines/search-path";
import { resolveBackend, resolvePassphrase } from "./environment";
import { findProject, type Project } from "./project";
import { registryKindOf } from "./registry-kind";
import { readStackSettings } from "./stack-settings";
import { targetOf } from "./targets/table";
import type { StackOnTarget, Target, TargetStack } from "./targets/target";

export class Session {
  /** `<project>/<stack>`, also the value of the label `flotilla.stack`. */
  readonly label: string;
  readonly #project: Project;
  readonly #record: EngineRecord;
  #location: StackLocation | undefined;

  constructor(
    private readonly context: Context,
    private readonly stack: string,
  ) {
    this.#project = findProject(context.directory);
    this.label = `${this.#project.name}/${stack}`;
    this.#record = new EngineRecord(this.#project.directory);
  }

  /** Where its state and secrets are; what is missing is made when this is first asked for. */
  get location(): StackLocation {
    this.#location ??= {
      directory: this.#project.directory,
      stack: this.stack,
      backendUrl: resolveBackend(this.context.machine, this.#project),
      passphrase: resolvePassphrase(this.context.machine),
    };
    return this.#location;
  }

  /** The engine for this stack. */
  chooseEngine(asked: string | undefined): { engine: Engine; name: EngineName; reason: string } {
    const { environment, platform } = this.context.machine;
    const choice = chooseEngine({
      asked,
      recorded: this.#record.get(this.stack),
      backendUrl: this.location.backendUrl,
      hasPulumi: pulumiIsOnPath(environment, platform),
    });
    return { engine: this.context.engines[choice.name], ...choice };
  }

  /** From now on the stack belongs to this engine. */
  recordEngine(name: EngineName): void {
    this.#record.set(this.stack, name);
  }

  forgetEngine(): void {
    this.#record.forget(this.stack);
  }

  configuration(): Promise<Configuration> {
    return this.context.configuration(this.#project.directory, this.stack, () => this.location.passphrase);
  }

  /** Where the stack runs, with what the target is to know of it. */
  async target(): Promise<{ target: Target; on: TargetStack }> {
    const configuration = await this.configuration();
    const { target, settings } = readStackSettings(configuration);
    const registryKind = registryKindOf(configuration, this.#project.directory);
    return { target: targetOf(target), on: { label: this.label, settings, registryKind } };
  }

  /** What of the stack is on its target. */
  async onTarget(): Promise<StackOnTarget> {
    const { target, on } = await this.target();
    return target.open(this.context, on);
  }
}
