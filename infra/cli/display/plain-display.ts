import type { EngineEvent } from "../../engine/events";
import type { Terminal } from "../terminal";
import type { Display } from "./display";
import { formatDuration } from "./format";
import { formatNews } from "./lines";
import { operations, type Tense } from "./operations";
import { type RunningStep, StepBoard } from "./step-board";

const heartbeatSeconds = 10;

/** A line for each finished step, and a sign of life while long ones run: for CI, pipes and files. */
export class PlainDisplay implements Display {
  readonly #board = new StepBoard();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(
    private readonly terminal: Terminal,
    title: string,
    private readonly tense: Tense,
  ) {
    terminal.line(title);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatSeconds * 1000);
  }

  show(event: EngineEvent): void {
    const news = this.#board.apply(event);
    // What a preview foresees is listed by its command, as a whole.
    const isForeseen = news?.kind === "finished" && this.tense === "toDo";
    if (news !== undefined && !isForeseen) {
      formatNews(news, this.terminal).forEach((line) => {
        this.terminal.line(line);
      });
    }
  }

  close(): void {
    clearInterval(this.#heartbeat);
  }

  #beat(): void {
    const running = [...this.#board.running.values()];
    if (running.length > 0) {
      this.terminal.line(`   … ${running.map(describe).join(", ")}`);
    }
  }
}

function describe({ operation, name, startedAt, message }: RunningStep): string {
  const details = [formatDuration(Date.now() - startedAt), message].filter(Boolean).join(", ");
  return `${operations[operation].doing} ${name} (${details})`;
}
