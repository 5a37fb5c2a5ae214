/** What the tasks of a stack write from now on. */
import { setTimeout as pause } from "node:timers/promises";
import type { FollowOptions } from "../targets/target";
import type { StackOnEcs } from "./stack-on-ecs";
import type { TaskPart } from "./task-parts";

const POLL_MS = 1000;
/** Tasks come and go less often than lines. */
const POLLS_PER_LOOK = 5;

/** Tells every line until aborted, also of containers that start later; CloudWatch is asked each second. */
export class TaskLogFollower {
  /** Up to where each container's output was told. */
  private readonly tokens = new Map<string, string | undefined>();
  private parts: TaskPart[] = [];

  constructor(
    private readonly stack: Pick<StackOnEcs, "parts" | "linesAfter">,
    private readonly options: FollowOptions,
  ) {}

  async run(): Promise<void> {
    const { signal, wanted } = this.options;
    for (let round = 0; !signal.aborted; round++) {
      if (round % POLLS_PER_LOOK === 0) {
        this.parts = (await this.stack.parts()).filter(wanted);
      }
      await Promise.all(this.parts.map((part) => this.tell(part, round === 0)));
      await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async tell(part: TaskPart, isFirst: boolean): Promise<void> {
    const { lines: past, onLine } = this.options;
    const isKnown = this.tokens.get(part.id) !== undefined;
    const limit = isFirst && !isKnown ? past : undefined;
    const { lines, token } = await this.stack.linesAfter(part, this.tokens.get(part.id), limit);
    this.tokens.set(part.id, token);
    for (const line of lines) {
      onLine(part, line);
    }
  }
}
