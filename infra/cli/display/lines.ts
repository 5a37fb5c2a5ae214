/** One text for each thing that a display tells. */
import type { Diagnostic } from "../../engine/events";
import type { Style, Terminal } from "../terminal";
import { formatDuration, shortType } from "./format";
import { operations } from "./operations";
import type { News } from "./step-board";

type Painter = Pick<Terminal, "style">;

/** The lines that stay on the screen for a piece of news. */
export function formatNews(news: News, painter: Painter): string[] {
  if (news.kind === "diagnostic") {
    return formatDiagnostic(news.diagnostic, painter);
  }
  const { operation, type, name, durationMs } = news.step;
  const { sign, style, doing, done } = operations[operation];
  const what = `${shortType(type)} ${name}`;
  if (news.kind === "finished") {
    return [`${painter.style(style, sign.padStart(2))} ${what} ${done} (${formatDuration(durationMs)})`];
  }
  const headline = ` ✗ ${what}: ${doing} failed after ${formatDuration(durationMs)}`;
  // The URN, which other commands take.
  return [painter.style("red", headline), ...indent(`${news.step.urn}\n${news.step.message}`)];
}

const severityStyles: Record<Diagnostic["severity"], Style> = {
  info: "cyan",
  warning: "yellow",
  error: "red",
};

function formatDiagnostic({ severity, urn, message }: Diagnostic, painter: Painter): string[] {
  const [first = "", ...rest] = message.trimEnd().split("\n");
  const about = urn === undefined ? "" : `${nameOf(urn)}: `;
  return [
    `${painter.style(severityStyles[severity], `${severity}:`)} ${about}${first}`,
    ...indent(rest.join("\n")),
  ];
}

/** `docker:Container users-1-main`, from a URN. */
export function nameOf(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${shortType(types.split("$").at(-1)!)} ${name.join("::")}`;
}

function indent(text: string): string[] {
  return text.trim() === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .map((line) => `     ${line}`);
}
