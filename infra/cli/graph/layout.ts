/** Where everything of a diagram goes: layers from left to right, laid out by dagre. */
import type { Diagram, DiagramEdge, DiagramNode } from "./diagram";

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

export interface Layout {
  width: number;
  height: number;
  /** Positions are of the upper left corners. */
  nodes: { node: DiagramNode; box: Box }[];
  edges: { edge: DiagramEdge; points: Point[]; label?: Box }[];
}

/** Sizes in pixels, which the drawing shares. */
export const sizes = {
  title: 15,
  text: 12,
  lineHeight: 17,
  padding: 14,
  volumeHeight: 24,
} as const;

/** Letters are this wide in relation to their height, at most and on average: no font can be measured here. */
const letterRatio = 0.58;

export function textWidth(text: string, size: number): number {
  return Math.ceil([...text].length * size * letterRatio);
}

export function layOut({ nodes, edges }: Diagram): Layout {
  // Required when it is used, so that `help` is quick.
  const dagre = require("@dagrejs/dagre") as typeof import("@dagrejs/dagre");
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 34, edgesep: 18, ranksep: 76, ranker: "network-simplex" });
  for (const node of nodes) {
    graph.setNode(node.id, nodeSize(node));
  }
  edges.forEach((edge, index) => {
    graph.setEdge(edge.from, edge.to, { ...labelSize(edge), labelpos: "c" }, String(index));
  });
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const boxes = new Map(nodes.map(({ id }) => [id, fromCentre(graph.node(id) as Box)]));
  const placed = edges.map((edge, index) => {
    const { points, ...centre } = graph.edge(edge.from, edge.to, String(index)) as Box & { points: Point[] };
    const label = edge.lines.length === 0 ? undefined : fromCentre(centre);
    return { edge, points: label === undefined ? points : levelAt(label, points), label };
  });
  spreadEnds(placed, boxes);
  return { width, height, nodes: nodes.map((node) => ({ node, box: boxes.get(node.id)! })), edges: placed };
}

/** Has a path cross its label from one side to the other, not bend behind it. */
function levelAt({ x, y, width, height }: Box, points: Point[]): Point[] {
  const middle = { x: x + width / 2, y: y + height / 2 };
  const isMiddle = (point: Point) => Math.abs(point.x - middle.x) < 1 && Math.abs(point.y - middle.y) < 1;
  const sides = [
    { x, y: middle.y },
    { x: x + width, y: middle.y },
  ];
  const runsRight = points[0]!.x < points.at(-1)!.x;
  const crossing = runsRight ? sides : sides.reverse();
  return points.flatMap((point) => (isMiddle(point) ? crossing.map((side) => ({ ...side })) : [point]));
}

/** Lets arrows leave and enter at the sides of boxes, evenly and in the order in which they come. */
function spreadEnds(edges: Layout["edges"], boxes: Map<string, Box>): void {
  const sides = new Map<string, { box: Box; isRight: boolean; ends: { end: Point; towards: Point }[] }>();
  for (const { edge, points } of edges) {
    const last = points.length - 1;
    for (const [id, end, towards] of [
      [edge.from, points[0]!, points[1]!],
      [edge.to, points[last]!, points[last - 1]!],
    ] as const) {
      const box = boxes.get(id)!;
      const isRight = towards.x > box.x + box.width / 2;
      const key = `${id} ${isRight}`;
      const side = sides.get(key) ?? { box, isRight, ends: [] };
      sides.set(key, { ...side, ends: [...side.ends, { end, towards }] });
    }
  }
  for (const { box, isRight, ends } of sides.values()) {
    ends.sort((a, b) => a.towards.y - b.towards.y);
    ends.forEach(({ end }, index) => {
      end.x = isRight ? box.x + box.width : box.x;
      end.y = box.y + (box.height * (index + 1)) / (ends.length + 1);
    });
  }
}

function nodeSize({ kind, title, badge, lines, volumes }: DiagramNode): { width: number; height: number } {
  if (kind === "client") {
    return { width: 84, height: 40 };
  }
  const badgeWidth = badge === undefined ? 0 : textWidth(badge, sizes.text) + 28;
  const widths = [
    textWidth(title, sizes.title) + badgeWidth,
    ...lines.map((line) => textWidth(line, sizes.text)),
    volumes.reduce((sum, volume) => sum + volumeWidth(volume) + 6, -6),
  ];
  const volumeSpace = volumes.length === 0 ? 0 : sizes.volumeHeight + 8;
  return {
    width: Math.max(120, ...widths) + 2 * sizes.padding,
    height: 2 * sizes.padding + 16 + lines.length * sizes.lineHeight + volumeSpace,
  };
}

export function volumeWidth(name: string): number {
  return textWidth(name, sizes.text) + 38;
}

function labelSize({ lines }: DiagramEdge): { width: number; height: number } {
  return lines.length === 0
    ? { width: 24, height: 0 }
    : {
        width: Math.max(...lines.map((line) => textWidth(line, sizes.text))) + 14,
        height: lines.length * sizes.lineHeight + 4,
      };
}

function fromCentre({ x, y, width, height }: Box): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}
