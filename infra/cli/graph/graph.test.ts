import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import shop from "../../../stacks/shop";
import { parseArchitecture } from "../../parse-architecture";
import { diagramOf } from "./diagram";
import { type Box, layOut } from "./layout";
import { toMermaid } from "./mermaid";
import { toSvg } from "./svg";

const shopDiagram = diagramOf(parseArchitecture(shop, "stacks/shop.ts"));
const service = (more: object = {}) => ({ image: "a:1", ports: [8080], ...more });

/** Two services that call each other, one that waits for both, and whatever else a diagram can have. */
const rich = diagramOf(
  parseArchitecture(
    {
      name: "edge",
      registry: { kind: "consul", nodes: 3 },
      services: {
        a: service({
          calls: ["b:grpc", "b"],
          replicas: { min: 2, max: 5 },
          autoscaling: { memoryPercent: 70 },
        }),
        b: service({
          ports: [8080, { port: 9000, name: "grpc", protocol: "grpc" }],
          calls: ["a"],
          volumes: { data: { path: "/data", kind: "persistent" }, tmp: { path: "/scratch" } },
          sidecars: [{ name: "helper", image: "h:1" }],
          tasks: [{ name: "migrate", image: "m:1" }],
        }),
        c: service({ startAfter: ["a"], replicas: 3 }),
      },
      gateway: {
        replicas: 2,
        routes: [
          ...["/1", "/2", "/3", "/4", "/5"].map((path) => ({ path, to: "a" })),
          {
            exactPath: "/all",
            aggregate: { parts: { b: { to: "b", path: "/" }, c: { to: "c", path: "/" } } },
          },
          { exactPath: "/c", to: "c", hosts: ["c.example.com"], methods: ["GET", "POST"] },
        ],
      },
    },
    "rich.ts",
  ),
);

test("the README's picture is the shop's, as graph draws it now", () => {
  const file = path.resolve(__dirname, "../../../docs/architecture.svg");
  assert.equal(readFileSync(file, "utf8"), toSvg(shopDiagram), "npx flotilla graph -o docs/architecture.svg");
});

test("a diagram has the gateway's routes, and each service with what it calls, waits for and keeps", () => {
  const node = (title: string) => rich.nodes.find((each) => each.title === title)!;
  assert.deepEqual(node("edge"), {
    ...{ id: "gateway", kind: "gateway", title: "edge", badge: "×2", lines: ["gateway, envoy"], volumes: [] },
  });
  assert.deepEqual(
    [node("a").badge, node("a").lines],
    ["2–5", ["a:1", "8080 http", "scales by memory 70 %"]],
  );
  assert.deepEqual(node("b").lines, ["a:1", "8080 http · 9000 grpc", "+ helper", "first migrate"]);
  assert.deepEqual(node("b").volumes, ["data"]);
  assert.equal(node("c").badge, "×3");
  assert.equal(rich.registry, "consul, 3 servers");
  const arrows = rich.edges.map(({ from, to, kind, lines }) => `${from} ${kind} ${to}: ${lines.join(", ")}`);
  assert.deepEqual(arrows, [
    "client request gateway: ",
    "gateway request service a: /1, /2, /3, /4, and 1 more",
    "gateway request service b: /all",
    "gateway request service c: /all, GET|POST c.example.com/c",
    "service a call service b: grpc, http",
    "service b call service a: http",
    "service c waits service a: starts after",
  ]);
  const redis = shopDiagram.edges.filter(({ to }) => to === "service redis");
  assert.deepEqual(
    redis.map(({ lines }) => lines),
    [1, 2, 3].map(() => ["redis", "starts after"]),
  );
});

test("no box covers another one, and every arrow begins and ends at the side of its box", () => {
  const { nodes, edges, width, height } = layOut(rich);
  const boxOf = (id: string) => nodes.find(({ node }) => node.id === id)!.box;
  const overlap = (a: Box, b: Box) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  for (const [index, { box }] of nodes.entries()) {
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height);
    assert.ok(nodes.slice(index + 1).every((other) => !overlap(box, other.box)));
  }
  const isAtSide = ({ x, y }: { x: number; y: number }, box: Box) =>
    (x === box.x || x === box.x + box.width) && y > box.y && y < box.y + box.height;
  assert.equal(edges.length, 7);
  for (const { edge, points } of edges) {
    assert.ok(isAtSide(points[0]!, boxOf(edge.from)), `${edge.from} to ${edge.to} begins elsewhere`);
    assert.ok(isAtSide(points.at(-1)!, boxOf(edge.to)), `${edge.from} to ${edge.to} ends elsewhere`);
  }
});

test("a picture is told in words too, and takes no name for markup", () => {
  const svg = toSvg({ ...rich, title: 'a<b>&"c"' });
  assert.match(svg, /<title id="title">Architecture "a&lt;b&gt;&amp;&quot;c&quot;"<\/title>/);
  assert.match(
    svg,
    /<desc id="description">clients reaches edge\..* a calls b \(grpc, http\)\..* c starts after a\./,
  );
  assert.match(svg, /prefers-color-scheme: dark/);
  assert.equal(/NaN|undefined/.test(svg), false);
});

test("Mermaid has the same boxes and arrows", () => {
  assert.equal(
    toMermaid(rich),
    `flowchart LR
  n0(["clients"])
  subgraph stack["edge"]
    n1{{"edge ×2<br/>gateway, envoy"}}
    n2["a 2–5<br/>a:1<br/>8080 http<br/>scales by memory 70 %"]
    n3["b<br/>a:1<br/>8080 http · 9000 grpc<br/>+ helper<br/>first migrate<br/>volume data"]
    n4["c ×3<br/>a:1<br/>8080 http"]
    registry[("registry consul, 3 servers")]
  end
  n0 ==> n1
  n1 ==>|"/1<br/>/2<br/>/3<br/>/4<br/>and 1 more"| n2
  n1 ==>|"/all"| n3
  n1 ==>|"/all<br/>GET|POST c.example.com/c"| n4
  n2 -->|"grpc, http"| n3
  n3 -->|"http"| n2
  n4 -.->|"starts after"| n2
`,
  );
});
