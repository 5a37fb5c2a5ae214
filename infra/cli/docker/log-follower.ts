/** What the containers of a stack write from now on. */
import type { Readable } from "node:stream";
import type { FollowOptions, LogLine } from "../targets/target";
import { everyStream, LogDecoder } from "./log-decoder";
import type { DockerPart, StackOnDocker } from "./stack-on-docker";

/** Tells every line until aborted, also of containers that start or restart later. */
export class LogFollower {
  readonly #streams = new Set<Readable>();
  /** When each container wrote its latest line, so that a restarted one goes on there. */
  readonly #latest = new Map<string, string>();

  constructor(
    private readonly stack: StackOnDocker,
    private readonly options: FollowOptions,
  ) {}

  async run(): Promise<void> {
    const { lines, signal, wanted } = this.options;
    const { docker, label } = this.stack;
    const events = (await docker.getEvents({
      filters: { type: ["container"], event: ["start"], label: [`flotilla.stack=${label}`] },
    })) as Readable;
    this.#streams.add(events);
    onEachJson(events, ({ id }: { id: string }) => {
      // A container that is gone again has nothing more to say.
      this.#attachStarted(id).catch(() => undefined);
    });
    const parts = (await this.stack.parts()).filter(wanted);
    await Promise.all(parts.map((part) => this.#attach(part, { tail: lines })));

    if (!signal.aborted) {
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        events.once("close", resolve);
      });
    }
    for (const stream of this.#streams) {
      stream.destroy();
    }
  }

  async #attachStarted(id: string): Promise<void> {
    const parts = (await this.stack.parts()).filter((part) => part.id === id && this.options.wanted(part));
    await Promise.all(parts.map((part) => this.#attach(part, { since: unixTime(this.#latest.get(id)) })));
  }

  async #attach(part: DockerPart, range: { tail?: number; since?: string }): Promise<void> {
    const container = this.stack.docker.getContainer(part.id);
    const asked = { ...everyStream, ...range, follow: true } as { follow: true };
    const stream = (await container.logs(asked)) as Readable;
    this.#streams.add(stream);
    const decoder = new LogDecoder(part.tty);
    stream.on("data", (chunk: Buffer) => this.#tell(part, decoder.push(chunk)));
    stream.once("end", () => {
      this.#tell(part, decoder.end());
      this.#streams.delete(stream);
    });
  }

  #tell(part: DockerPart, lines: LogLine[]): void {
    for (const line of lines) {
      // Docker's "since" includes the line of that very moment.
      if (line.at > (this.#latest.get(part.id) ?? "")) {
        this.#latest.set(part.id, line.at);
        this.options.onLine(part, line);
      }
    }
  }
}

/** A moment of a log as Docker takes it back, to the nanosecond. */
function unixTime(at: string | undefined): string | undefined {
  return at && `${Math.floor(Date.parse(at) / 1000)}.${/\.(\d+)/.exec(at)?.[1] ?? "0"}`;
}

/** Docker writes one JSON object a line. */
function onEachJson<T>(stream: Readable, take: (value: T) => void): void {
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString("utf8")}`.split("\n");
    rest = lines.pop()!;
    for (const line of lines.filter(Boolean)) {
      take(JSON.parse(line));
    }
  });
}
