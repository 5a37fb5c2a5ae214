/** A diagram as Mermaid, which many pages and editors draw. */
import type { Diagram, DiagramEdge, DiagramNode } from "./diagram";

const arrows: Record<DiagramEdge["kind"], string> = { request: "==>", call: "-->", waits: "-.->" };

const shapes: Record<DiagramNode["kind"], [open: string, close: string]> = {
  client: ["([", "])"],
  gateway: ["{{", "}}"],
  service: ["[", "]"],
};

export function toMermaid({ title, nodes, edges, registry }: Diagram): string {
  // Mermaid takes words of its own, such as "end", for more than names.
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const drawNode = (node: DiagramNode) => {
    const [open, close] = shapes[node.kind];
    const volumes = node.volumes.map((volume) => `volume ${volume}`);
    const heading = [node.title, node.badge].filter(Boolean).join(" ");
    return `${ids.get(node.id)}${open}${quoted([heading, ...node.lines, ...volumes])}${close}`;
  };
  const inside = nodes.filter(({ kind }) => kind !== "client");
  return [
    "flowchart LR",
    ...nodes.filter(({ kind }) => kind === "client").map((node) => `  ${drawNode(node)}`),
    `  subgraph stack[${quoted([title])}]`,
    ...inside.map((node) => `    ${drawNode(node)}`),
    `    registry[(${quoted([`registry ${registry}`])})]`,
    "  end",
    ...edges.map(({ from, to, kind, lines }) => {
      const label = lines.length === 0 ? "" : `|${quoted(lines)}|`;
      return `  ${ids.get(from)} ${arrows[kind]}${label} ${ids.get(to)}`;
    }),
    "",
  ].join("\n");
}

function quoted(lines: string[]): string {
  const escaped = lines.map((line) =>
    line.replace(/[&"<>#]/g, (character) => `#${character.charCodeAt(0)};`),
  );
  return `"${escaped.join("<br/>")}"`;
}
