/** A diagram as one self-contained SVG, for light and dark pages. */
import type { Diagram, DiagramEdge, DiagramNode } from "./diagram";
import { type Box, type Layout, layOut, type Point, sizes, textWidth, volumeWidth } from "./layout";

const margin = 20;
const header = 34;
const registryHeight = 34;
const gap = 22;

// Classes with plain colours: many programs that draw SVG know no variables.
const style = `
  text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: ${sizes.text}px; fill: #475569 }
  .title { font-size: ${sizes.title}px; font-weight: 600; fill: #0f172a }
  .page { fill: #ffffff }
  .stack { fill: #f8fafc; stroke: #cbd5e1 }
  .service { fill: #ffffff; stroke: #94a3b8 }
  .gateway { fill: #eef2ff; stroke: #6366f1 }
  .client { fill: #ffffff; stroke: #94a3b8; stroke-dasharray: 5 4 }
  .registry { fill: #ecfdf5; stroke: #10b981 }
  .volume { fill: #fef3c7; stroke: #d97706 }
  .badge { fill: #e2e8f0 }
  .flow { fill: none; stroke: #64748b; stroke-width: 1.6 }
  .request { stroke: #6366f1 }
  .waits { stroke-dasharray: 5 5 }
  .tip { fill: #64748b }
  .request-tip { fill: #6366f1 }
  .label { fill: #f8fafc }
  @media (prefers-color-scheme: dark) {
    text { fill: #a3b1c6 }
    .title { fill: #f1f5f9 }
    .page { fill: #0d1117 }
    .stack { fill: #131a24; stroke: #334155 }
    .service { fill: #1e293b; stroke: #475569 }
    .gateway { fill: #26264f; stroke: #818cf8 }
    .client { fill: #0d1117; stroke: #64748b }
    .registry { fill: #0b2f25; stroke: #34d399 }
    .volume { fill: #3a2a0c; stroke: #f59e0b }
    .badge { fill: #334155 }
    .flow { stroke: #94a3b8 }
    .request { stroke: #818cf8 }
    .tip { fill: #94a3b8 }
    .request-tip { fill: #818cf8 }
    .label { fill: #131a24 }
  }`;

export function toSvg(diagram: Diagram): string {
  const layout = layOut(diagram);
  const left = stackLeft(layout);
  const width = Math.round(layout.width + 2 * margin + gap);
  const height = Math.round(layout.height + header + gap + registryHeight + 2 * margin + gap);
  const stack = {
    ...{ x: left, y: margin },
    ...{ width: width - left - margin / 2, height: height - 2 * margin },
  };
  const registry = {
    ...{ x: left + gap, y: height - margin - gap / 2 - registryHeight - 4 },
    ...{ width: stack.width - 2 * gap, height: registryHeight },
  };
  const shifted = `translate(${margin} ${margin + header})`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">Architecture "${escaped(diagram.title)}"</title>`,
    `<desc id="description">${escaped(inWords(diagram))}</desc>`,
    `<defs><style>${style}\n</style>`,
    ...["tip", "request-tip"].map(marker),
    "</defs>",
    rectangle("page", { x: 0, y: 0, width, height }, 0),
    rectangle("stack", stack, 14),
    ...layout.edges.map(({ edge, points }) => drawFlow(edge, points, shifted)),
    ...layout.edges.map(({ edge, label }) => (label === undefined ? "" : drawLabel(edge, label, shifted))),
    ...layout.nodes.map(({ node, box }) => drawNode(node, box, shifted)),
    rectangle("registry", registry, 8),
    text(registry.x + 14, registry.y + 22, `registry ${diagram.registry}`, "title"),
    text(
      registry.x + 26 + textWidth(`registry ${diagram.registry}`, sizes.title),
      registry.y + 21,
      "healthy replicas register here; gateway and callers follow",
    ),
    "</svg>",
    "",
  ]
    .filter(Boolean)
    .join("\n");
}

/** The stack begins between the clients and the gateway. */
function stackLeft({ nodes }: Layout): number {
  const client = nodes.find(({ node }) => node.kind === "client")!.box;
  return margin + client.x + client.width + gap;
}

function marker(name: string): string {
  return `<marker id="${name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="${name}" d="M0 0.5 10 5 0 9.5z"/></marker>`;
}

function drawNode(node: DiagramNode, box: Box, transform: string): string {
  const { title, badge, lines, volumes, kind } = node;
  const x = box.x + sizes.padding;
  const first = box.y + sizes.padding + 12;
  if (kind === "client") {
    return group(transform, [
      rectangle(kind, box, 20),
      centred(box.x + box.width / 2, box.y + box.height / 2 + 5, title, "title"),
    ]);
  }
  const volumeTop = box.y + box.height - sizes.volumeHeight - 10;
  const lefts = volumes.map((_, index) =>
    volumes.slice(0, index).reduce((at, volume) => at + volumeWidth(volume) + 6, x),
  );
  return group(transform, [
    rectangle(kind, box, 10),
    text(x, first, title, "title"),
    ...(badge === undefined ? [] : drawBadge(badge, box)),
    ...lines.map((line, index) => text(x, first + (index + 1) * sizes.lineHeight + 2, line)),
    ...volumes.flatMap((volume, index) => drawVolume(volume, lefts[index]!, volumeTop)),
  ]);
}

function drawBadge(badge: string, box: Box): string[] {
  const width = textWidth(badge, sizes.text) + 14;
  const x = box.x + box.width - width - 10;
  return [
    rectangle("badge", { x, y: box.y + 10, width, height: 20 }, 10),
    centred(x + width / 2, box.y + 24, badge),
  ];
}

/** A cylinder with the volume's name beside it. */
function drawVolume(name: string, x: number, y: number): string[] {
  const [a, b] = [round(x), round(y + 4)];
  return [
    `<path class="volume" d="M${a} ${b}v12a8 3.5 0 0 0 16 0v-12a8 3.5 0 0 0 -16 0a8 3.5 0 0 0 16 0"/>`,
    text(x + 24, y + 15, name),
  ];
}

function drawFlow({ kind }: DiagramEdge, points: Point[], transform: string): string {
  const tip = kind === "request" ? "request-tip" : "tip";
  return `<path class="flow ${kind}" transform="${transform}" d="${smooth(points)}" marker-end="url(#${tip})"/>`;
}

/** A path through all of the points, level at each of them. */
function smooth(points: Point[]): string {
  const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`;
  const curves = points.slice(1).map((point, index) => {
    const before = points[index]!;
    const middle = (before.x + point.x) / 2;
    return `C${at({ x: middle, y: before.y })} ${at({ x: middle, y: point.y })} ${at(point)}`;
  });
  return `M${at(points[0]!)}${curves.join("")}`;
}

function drawLabel({ lines }: DiagramEdge, box: Box, transform: string): string {
  return group(transform, [
    rectangle("label", box, 5),
    ...lines.map((line, index) =>
      centred(box.x + box.width / 2, box.y + 14 + index * sizes.lineHeight, line),
    ),
  ]);
}

/** The picture for those who do not see it. */
function inWords({ nodes, edges, registry }: Diagram): string {
  const title = (id: string) => nodes.find((node) => node.id === id)!.title;
  const verbs = { request: "reaches", call: "calls", waits: "starts after" };
  const sentences = edges.map(({ from, to, kind, lines }) => {
    const how = lines.length === 0 || kind === "waits" ? "" : ` (${lines.join(", ")})`;
    return `${title(from)} ${verbs[kind]} ${title(to)}${how}.`;
  });
  return [...sentences, `The registry is ${registry}.`].join(" ");
}

function group(transform: string, parts: string[]): string {
  return `<g transform="${transform}">${parts.join("")}</g>`;
}

function rectangle(name: string, { x, y, width, height }: Box, radius: number): string {
  return `<rect class="${name}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"/>`;
}

function text(x: number, y: number, content: string, name?: string): string {
  const styled = name === undefined ? "" : ` class="${name}"`;
  return `<text${styled} x="${round(x)}" y="${round(y)}">${escaped(content)}</text>`;
}

function centred(x: number, y: number, content: string, name?: string): string {
  return text(x, y, content, name).replace("<text", '<text text-anchor="middle"');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return content.replace(/[&<>"]/g, (character) => names[character]!);
}
