import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../../../../tests/problems-of";
import { checkExpose, type ExposeArgs, longForm } from "./expose-args";
import { publicUrl } from "./public-url";

const refused = (args: unknown): string[] =>
  problemsOf((problems) => checkExpose(problems, "expose", args as ExposeArgs));

test("each way in goes by its name alone, and with its details", () => {
  const good: ExposeArgs[] = [
    "load-balancer",
    "node-port",
    "gateway-api",
    "ingress",
    { kind: "load-balancer" },
    { kind: "node-port", address: "10.0.0.1" },
    { kind: "gateway-api", gatewayClass: "own", address: "shop.example.com", controllerNamespace: "edge" },
    { kind: "ingress", ingressClass: "own" },
  ];
  assert.deepEqual(good.flatMap(refused), []);
  assert.deepEqual(longForm("ingress"), { kind: "ingress" });
  assert.deepEqual(longForm({ kind: "ingress", address: "a" }), { kind: "ingress", address: "a" });
});

test("what no cluster could take is told with its place", () => {
  const rule = "expose must be one of load-balancer, node-port, gateway-api, ingress";
  const address = "expose.address must be a host name or an IPv4 address, without port";
  assert.deepEqual(refused("istio"), [`${rule}, got "istio". Write "load-balancer".`]);
  assert.deepEqual(refused({ kind: "nodeport" }), [`${rule}, got "nodeport". Write "load-balancer".`]);
  assert.deepEqual(refused({ kind: "node-port", address: "http://shop.example.com:8080/" }), [
    `${address}, got "http://shop.example.com:8080/". Write "shop.example.com".`,
  ]);
  assert.deepEqual(refused({ kind: "ingress", address: "", controllerNamespace: "Edge" }), [
    `${address}, got "". Write one like "shop.example.com".`,
    'expose.controllerNamespace must be lower-case letters, digits and dashes, starting with a letter, got "Edge". Write "edge".',
  ]);
});

test("a URL leaves the usual port out, and says what a preview cannot know", () => {
  assert.deepEqual(
    [
      publicUrl("http", "a.example.com", 80),
      publicUrl("https", "a.example.com", 443),
      publicUrl("http", "a.example.com", 443),
      publicUrl("http", undefined, 8080),
      publicUrl("http", "127.0.0.1", undefined),
    ],
    [
      "http://a.example.com",
      "https://a.example.com",
      "http://a.example.com:443",
      "http://<the cluster's choice>:8080",
      "http://127.0.0.1:<the cluster's choice>",
    ],
  );
});
