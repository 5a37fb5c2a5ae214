import assert from "node:assert/strict";
import { test } from "node:test";
import { takenPort } from "./port-conflict";

const CASES: [string, number | undefined][] = [
  [
    "driver failed programming external connectivity on endpoint a (b): Bind for 127.0.0.1:8080 failed: port is already allocated",
    8080,
  ],
  ["Error starting userland proxy: listen tcp4 0.0.0.0:443: bind: address already in use", 443],
  ["failed to bind host port 127.0.0.1:81/tcp: address already in use", 81],
  ["failed to bind host port for [::1]:53/udp: address already in use", 53],
  ["network n:1 is already in use by somebody", undefined],
  ["no such network: n", undefined],
];

for (const [reason, port] of CASES) {
  test(`${reason.slice(-50)}: ${port ?? "no port"}`, () => assert.equal(takenPort(reason), port));
}
