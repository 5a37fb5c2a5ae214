import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../tests/problems-of";
import { checkProbe, type ProbeArgs, probeSpec, probeUrl } from "./probe";

function refused(probe: ProbeArgs, hasPort = true): string[] {
  return problemsOf((problems) => checkProbe(problems, "probe", probe, hasPort));
}

test("probes of all four kinds are accepted, at both ends of their ranges", () => {
  const accepted: ProbeArgs[] = [
    { http: { path: "/" } },
    { grpc: { service: "shop.Users" } },
    { tcp: {} },
    { exec: { command: ["/bin/check"] } },
    { tcp: {}, intervalSeconds: 1, timeoutSeconds: 1, retries: 1, startPeriodSeconds: 0 },
    { tcp: { port: 65535 }, intervalSeconds: 300, timeoutSeconds: 60, retries: 10, startPeriodSeconds: 300 },
  ];
  for (const probe of accepted) {
    assert.deepEqual(refused(probe), [], JSON.stringify(probe));
  }
});

test("a probe has exactly one kind", () => {
  const rule = "probe must have exactly one of http, grpc, tcp, exec";
  const fix = 'Write { http: { path: "/healthz" } }.';
  assert.deepEqual(refused({}), [`${rule}, got []. ${fix}`]);
  assert.deepEqual(refused({ tcp: {}, exec: { command: ["a"] } }), [`${rule}, got ["tcp","exec"]. ${fix}`]);
});

test("everything that is wrong with a probe is told at once", () => {
  const probe = {
    http: { path: "healthz", port: 0 },
    intervalSeconds: 0,
    timeoutSeconds: 61,
    retries: 11,
    startPeriodSeconds: -1,
  };
  assert.deepEqual(refused(probe), [
    'probe.http.path must start with "/", got "healthz". Write "/healthz".',
    "probe.http.port must be a whole number from 1 to 65535, got 0. Write 1.",
    "probe.intervalSeconds must be a whole number from 1 to 300 seconds, got 0. Write 1.",
    "probe.timeoutSeconds must be a whole number from 1 to 60 seconds, got 61. Write 60.",
    "probe.retries must be a whole number from 1 to 10, got 11. Write 10.",
    "probe.startPeriodSeconds must be a whole number from 0 to 300 seconds, got -1. Write 0.",
  ]);
  assert.deepEqual(refused({ exec: { command: [] } }), [
    'probe.exec.command must name a program, got []. Write ["/bin/check"].',
  ]);
});

test("a workload without ports needs the port of a network probe, not of a command", () => {
  const needed = (kind: string) =>
    `probe.${kind}.port is needed where the workload has no ports, got nothing. Write the port to probe.`;
  assert.deepEqual(refused({ http: { path: "/" } }, false), [needed("http")]);
  assert.deepEqual(refused({ grpc: {} }, false), [needed("grpc")]);
  assert.deepEqual(refused({ tcp: {} }, false), [needed("tcp")]);
  assert.deepEqual(refused({ tcp: { port: 1 } }, false), []);
  assert.deepEqual(refused({ exec: { command: ["a"] } }, false), []);
});

test("defaults are filled in and given values kept", () => {
  const timing = { intervalSeconds: 5, timeoutSeconds: 2, retries: 3, startPeriodSeconds: 0 };
  assert.deepEqual(probeSpec({ http: { path: "/a" } }, 8080), {
    http: { path: "/a", port: 8080 },
    ...timing,
  });
  assert.deepEqual(probeSpec({ grpc: { port: 9090 } }, 8080), {
    grpc: { port: 9090, service: undefined },
    ...timing,
  });
  assert.deepEqual(probeSpec({ tcp: {} }, 6379), { tcp: { port: 6379 }, ...timing });
  const own = { intervalSeconds: 1, timeoutSeconds: 1, retries: 9, startPeriodSeconds: 30 };
  assert.deepEqual(probeSpec({ exec: { command: ["a", "b"] }, ...own }, undefined), {
    exec: { command: ["a", "b"] },
    ...own,
  });
});

test("the agent is told a probe as a URL, but for commands", () => {
  const url = (probe: ProbeArgs) => probeUrl(probeSpec(probe, 8080));
  assert.equal(url({ http: { path: "/readyz?deep=1" } }), "http://127.0.0.1:8080/readyz?deep=1");
  assert.equal(url({ grpc: {} }), "grpc://127.0.0.1:8080/");
  assert.equal(url({ grpc: { service: "shop.Users", port: 1 } }), "grpc://127.0.0.1:1/shop.Users");
  assert.equal(url({ tcp: {} }), "tcp://127.0.0.1:8080");
  assert.equal(url({ exec: { command: ["a"] } }), undefined);
});
