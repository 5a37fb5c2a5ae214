import type { EngineEvent } from "../../engine/events";
import type { Terminal } from "../terminal";
import type { Display } from "./display";
import { formatDuration, truncate } from "./format";
import { formatNews } from "./lines";
import { operations, type Tense } from "./operations";
import { type RunningStep, StepBoard } from "./step-board";

/** How long nothing is told before the first sign of life, and between two of them. */
const silenceSeconds = 10;
const heartbeatSeconds = 30;

const shownSteps = 3;
const messageColumns = 60;
const widestColumns = 160;

/** A line for each finished step, and a sign of life while long ones run: for CI, pipes and files. */
export class PlainDisplay implements Display {
  readonly #board = new StepBoard();
  #heartbeat!: NodeJS.Timeout;

  constructor(
    private readonly terminal: Terminal,
    title: string,
    private readonly tense: Tense,
  ) {
    terminal.line(title);
    this.#beatAfter(silenceSeconds);
  }

  show(event: EngineEvent): void {
    const news = this.#board.apply(event);
    // What a preview foresees is listed by its command, as a whole.
    const isForeseen = news?.kind === "finished" && this.tense === "toDo";
    if (news !== undefined && !isForeseen) {
      formatNews(news, this.terminal).forEach((line) => {
        this.terminal.line(line);
      });
      this.#beatAfter(silenceSeconds);
    }
  }

  close(): void {
    clearTimeout(this.#heartbeat);
  }

  #beatAfter(seconds: number): void {
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => this.#beat(), seconds * 1000);
  }

  #beat(): void {
    const running = [...this.#board.running.values()].sort((a, b) => a.startedAt - b.startedAt);
    if (running.length > 0) {
      const named = running.slice(0, shownSteps).map(describe).join(", ");
      const more = running.length > shownSteps ? ` and ${running.length - shownSteps} more` : "";
      const columns = Math.min(this.terminal.columns, widestColumns);
      this.terminal.line(truncate(`   … ${named}`, columns - more.length) + more);
    }
    this.#beatAfter(running.length > 0 ? heartbeatSeconds : silenceSeconds);
  }
}

function describe({ operation, name, startedAt, message = "" }: RunningStep): string {
  const said = truncate(message.split("\n")[0]!, messageColumns);
  const details = [formatDuration(Date.now() - startedAt), said].filter(Boolean).join(", ");
  return `${operations[operation].doing} ${name} (${details})`;
}
