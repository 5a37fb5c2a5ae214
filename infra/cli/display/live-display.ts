import type { EngineEvent } from "../../engine/events";
import type { Terminal } from "../terminal";
import type { Display } from "./display";
import { formatDuration, shortType, truncate } from "./format";
import { formatNews } from "./lines";
import { operations, summarize, type Tense } from "./operations";
import { StepBoard } from "./step-board";

const frameMs = 120;
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/** The running steps, redrawn in place below what has to stay; finished steps collapse to counts. */
export class LiveDisplay implements Display {
  readonly #board = new StepBoard();
  readonly startedAt = Date.now();
  readonly #timer: NodeJS.Timeout;
  /** A command that ends without closing its display must not leave the user without a cursor. */
  readonly #onExit = () => this.terminal.write(showCursor);
  #drawnLines = 0;
  #closed = false;

  constructor(
    private readonly terminal: Terminal,
    readonly title: string,
    readonly tense: Tense,
  ) {
    terminal.write(hideCursor);
    process.once("exit", this.#onExit);
    this.#timer = setInterval(() => this.#draw([]), frameMs);
    this.#draw([]);
  }

  show(event: EngineEvent): void {
    const news = this.#board.apply(event);
    if (news !== undefined && news.kind !== "finished") {
      this.#draw(formatNews(news, this.terminal));
    }
  }

  close(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    clearInterval(this.#timer);
    process.off("exit", this.#onExit);
    this.terminal.write(this.#erase() + showCursor);
  }

  #draw(lasting: string[]): void {
    const frame = renderFrame(this.#board, this.terminal, this);
    const erase = this.#erase();
    this.#drawnLines = frame.length;
    this.terminal.write(erase + [...lasting, ...frame].map((line) => `${line}\n`).join(""));
  }

  #erase(): string {
    const erase = this.#drawnLines === 0 ? "" : `\u001b[${this.#drawnLines}A\r\u001b[J`;
    this.#drawnLines = 0;
    return erase;
  }
}

/** The lines of one picture; none is wider than the terminal, and all of them fit below each other. */
export function renderFrame(
  board: StepBoard,
  terminal: Pick<Terminal, "columns" | "rows" | "style">,
  { title, tense, startedAt }: { title: string; tense: Tense; startedAt: number },
): string[] {
  const now = Date.now();
  const width = terminal.columns - 1;
  const turn = spinner[Math.floor((now - startedAt) / frameMs) % spinner.length]!;
  const counts = Object.keys(board.counts).length === 0 ? "" : `  ${summarize(board.counts, tense)}`;
  const failures = board.failures === 0 ? "" : `  ${board.failures} failed`;
  const head = truncate(`${title}  ${formatDuration(now - startedAt)}${counts}${failures}`, width - 2);

  const steps = [...board.running.values()];
  const room = Math.max(1, terminal.rows - 4);
  const shown = steps.length > room ? steps.slice(0, room - 1) : steps;
  const lines = shown.map(({ operation, type, name, startedAt: since, message }) => {
    const { sign, style } = operations[operation];
    const said = message === undefined ? "" : `  ${message.split("\n")[0]}`;
    const text = `${shortType(type)} ${name}  ${formatDuration(now - since)}${said}`;
    return `  ${terminal.style(style, sign.padStart(2))} ${truncate(text, width - 5)}`;
  });
  const hidden = steps.length - shown.length;
  return [
    `${terminal.style("cyan", turn)} ${terminal.style("bold", head)}`,
    ...lines,
    ...(hidden > 0 ? [`     … and ${hidden} more`] : []),
  ];
}
