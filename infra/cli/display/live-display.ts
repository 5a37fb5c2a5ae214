import type { EngineEvent } from "../../engine/events";
import type { Terminal } from "../terminal";
import type { Display } from "./display";
import { formatDuration, shortType, truncate } from "./format";
import { formatNews, nameOf } from "./lines";
import { operations, summarize, type Tense } from "./operations";
import { type RunningStep, StepBoard } from "./step-board";

const frameMs = 120;
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/** The tree of the running steps, redrawn in place below what has to stay; finished steps collapse to counts. */
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

  const drawStep = ({ operation, type, name, startedAt: since, message }: RunningStep, indent: string) => {
    const { sign, style } = operations[operation];
    const said = message === undefined ? "" : `  ${message.split("\n")[0]}`;
    const text = `${shortType(type)} ${name}  ${formatDuration(now - since)}${said}`;
    return `${indent}${terminal.style(style, sign.padStart(2))} ${truncate(text, width - 3 - indent.length)}`;
  };
  const tree = groupsOf(board.running.values()).flatMap(({ component, steps }) => {
    const title = component && terminal.style("dim", truncate(component, width - 5));
    const lines = steps.map((step) => ({
      steps: 1,
      text: drawStep(step, title === undefined ? "  " : "      "),
    }));
    return title === undefined ? lines : [{ steps: 0, text: `     ${title}` }, ...lines];
  });
  const room = Math.max(1, terminal.rows - 4);
  const shown = tree.length > room ? tree.slice(0, room - 1) : tree;
  const hidden = tree.slice(shown.length).reduce((sum, { steps }) => sum + steps, 0);
  return [
    `${terminal.style("cyan", turn)} ${terminal.style("bold", head)}`,
    ...shown.map(({ text }) => text),
    ...(hidden > 0 ? [`     … and ${hidden} more`] : []),
  ];
}

/** The steps by the component that they belong to, those of the stack itself first. */
function groupsOf(running: Iterable<RunningStep>): { component?: string; steps: RunningStep[] }[] {
  const groups = new Map<string | undefined, RunningStep[]>([[undefined, []]]);
  for (const step of running) {
    const isOfStack = step.parent === undefined || step.parent.includes("::pulumi:pulumi:Stack::");
    const component = isOfStack ? undefined : nameOf(step.parent!);
    groups.set(component, [...(groups.get(component) ?? []), step]);
  }
  return [...groups].map(([component, steps]) => ({ component, steps }));
}
