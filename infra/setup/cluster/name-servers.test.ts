import assert from "node:assert/strict";
import { test } from "node:test";
import { nameServers, withoutLoopback } from "./name-servers";

test("Servers are read from a resolv.conf, comments and other lines are not", () => {
  const text =
    "# made by hand\nsearch example.org\nnameserver 127.0.0.53\nnameserver\t10.0.0.2\noptions ndots:1\n";
  assert.deepEqual(nameServers(text), ["127.0.0.53", "10.0.0.2"]);
  assert.deepEqual(nameServers(""), []);
});

test("Pods get no server that only the machine itself can reach", () => {
  const text = "search example.org\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 10.0.0.2\n";
  assert.equal(withoutLoopback(text), "search example.org\nnameserver 10.0.0.2\n");
});
