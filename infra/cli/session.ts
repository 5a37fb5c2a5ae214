/** One stack that a command works on. */
import type { Configuration, Context } from "./context";
import { StackOnDocker } from "./docker/stack-on-docker";
import { chooseEngine, EngineRecord } from "./engines/choice";
import type { Engine, EngineName, StackLocation } from "./engines/engine";
import { pulumiIsOnPath } from "./engines/search-path";
import { resolveBackend, resolvePassphrase } from "./environment";
import { findProject } from "./project";

export class Session {
  readonly location: StackLocation;
  /** `<project>/<stack>`, also the value of the label `flotilla.stack`. */
  readonly label: string;
  readonly #record: EngineRecord;

  constructor(
    private readonly context: Context,
    stack: string,
  ) {
    const project = findProject(context.directory);
    this.label = `${project.name}/${stack}`;
    this.location = {
      directory: project.directory,
      stack,
      backendUrl: resolveBackend(context.machine, project),
      passphrase: resolvePassphrase(context.machine),
    };
    this.#record = new EngineRecord(project.directory);
  }

  /** The engine for this stack. */
  chooseEngine(asked: string | undefined): { engine: Engine; name: EngineName; reason: string } {
    const { environment, platform } = this.context.machine;
    const choice = chooseEngine({
      asked,
      recorded: this.#record.get(this.location.stack),
      backendUrl: this.location.backendUrl,
      hasPulumi: pulumiIsOnPath(environment, platform),
    });
    return { engine: this.context.engines[choice.name], ...choice };
  }

  /** From now on the stack belongs to this engine. */
  recordEngine(name: EngineName): void {
    this.#record.set(this.location.stack, name);
  }

  forgetEngine(): void {
    this.#record.forget(this.location.stack);
  }

  configuration(): Promise<Configuration> {
    const { directory, stack, passphrase } = this.location;
    return this.context.configuration(directory, stack, passphrase);
  }

  async onDocker(): Promise<StackOnDocker> {
    return new StackOnDocker(await this.context.docker(), this.label);
  }
}
