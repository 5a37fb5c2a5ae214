/** What the pods of a stack write from now on. */
import type { FollowOptions } from "../targets/target";
import { type PodPart, partsOf } from "./pods";
import { logPath, roleOf, type StackOnKubernetes, toLogLine } from "./stack-on-kubernetes";

/** Tells every line until aborted, also of containers that start or restart later. */
export class PodLogFollower {
  /** The runs of containers that are followed; a restart is another run, with a log of its own. */
  readonly #runs = new Set<string>();
  readonly #logs: Promise<void>[] = [];

  constructor(
    private readonly stack: Pick<StackOnKubernetes, "api" | "namespaces" | "parts">,
    private readonly options: FollowOptions,
  ) {}

  async run(): Promise<void> {
    for (const part of await this.stack.parts()) {
      this.#follow(part, { tailLines: this.options.lines });
    }
    const namespaces = await this.stack.namespaces();
    await Promise.all(namespaces.map((namespace) => this.#watch(namespace)));
    await Promise.all(this.#logs);
  }

  async #watch(namespace: string): Promise<void> {
    const { signal } = this.options;
    const path = `/api/v1/namespaces/${namespace}/pods`;
    // A server ends each watch after some minutes.
    while (!signal.aborted) {
      try {
        for await (const { object } of this.stack.api.watch(path, {}, signal)) {
          for (const part of partsOf([object], new Map(), new Map())) {
            this.#follow(part, {});
          }
        }
      } catch (error) {
        if (!signal.aborted) {
          throw error;
        }
      }
    }
  }

  #follow(part: PodPart, range: { tailLines?: number }): void {
    const run = `${part.id} ${part.startedAt?.toISOString()}`;
    if (part.startedAt !== undefined && this.options.wanted(part) && !this.#runs.has(run)) {
      this.#runs.add(run);
      this.#logs.push(this.#tell(part, range));
    }
  }

  async #tell(part: PodPart, range: { tailLines?: number }): Promise<void> {
    const { signal, onLine } = this.options;
    const query = { container: roleOf(part), follow: true, timestamps: true, ...range };
    try {
      for await (const line of this.stack.api.lines(logPath(part), query, signal)) {
        onLine(part, toLogLine(line));
      }
    } catch {
      // A pod that is gone has nothing more to say, and what an abort ends is no failure.
    }
  }
}
