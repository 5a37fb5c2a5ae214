import assert from "node:assert/strict";
import { test } from "node:test";
import { containerSpec } from "../../container";
import type { ContainerSpec, PortSpec, ProbeAction, ProbeSpec } from "../../container-spec";
import { isAsked, patienceSeconds, readinessProbe, startupProbe } from "./probes";

const TIMING = { intervalSeconds: 5, timeoutSeconds: 2, retries: 3, startPeriodSeconds: 20 };
const HTTP: PortSpec = { name: "http", port: 8080, protocol: "http", scheme: "http" };

function probed(probe: ProbeAction, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return { ...containerSpec("main", "users:1", {}, 8080), probe: { ...probe, ...TIMING }, ...more };
}

test("each kind of probe is asked by the kubelet itself", () => {
  const kinds: [ProbeAction, unknown][] = [
    [{ http: { port: 8080, path: "/readyz" } }, { httpGet: { port: 8080, path: "/readyz" } }],
    [{ grpc: { port: 5001, service: "payments" } }, { grpc: { port: 5001, service: "payments" } }],
    [{ grpc: { port: 5001 } }, { grpc: { port: 5001, service: "" } }],
    [{ tcp: { port: 6379 } }, { tcpSocket: { port: 6379 } }],
    [{ exec: { command: ["/bin/check", "-q"] } }, { exec: { command: ["/bin/check", "-q"] } }],
  ];
  const timing = { periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 };
  for (const [action, asked] of kinds) {
    assert.deepEqual(readinessProbe(probed(action)), { ...(asked as object), ...timing });
  }
});

test("the agent is asked often and without a hold; one that listens on loopback is asked by its own binary", () => {
  const often = { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 2 };
  assert.deepEqual(readinessProbe(probed({ agent: { port: 15000, loopback: false } })), {
    httpGet: { path: "/ready", port: 15000 },
    ...often,
  });
  const command = ["/agent", "probe", "--timeout", "5s", "http://127.0.0.1:15099/ready"];
  assert.deepEqual(startupProbe(probed({ agent: { port: 15099, loopback: true } }), 200), {
    exec: { command },
    periodSeconds: 1,
    timeoutSeconds: 5,
    failureThreshold: 200,
  });
});

test("a start is asked for every second, for as long as the rollout waits", () => {
  assert.deepEqual(startupProbe(probed({ tcp: { port: 6379 } }), 150), {
    tcpSocket: { port: 6379 },
    periodSeconds: 1,
    timeoutSeconds: 2,
    failureThreshold: 150,
  });
});

test("without a probe nothing is asked", () => {
  const silent = containerSpec("main", "users:1", {}, undefined);
  assert.deepEqual([startupProbe(silent, 9), readinessProbe(silent)], [undefined, undefined]);
  assert.equal(isAsked(silent, [HTTP]), false);
});

test("a port that may be open on loopback only is left to the container that asks in its stead", () => {
  const cases: [ContainerSpec, boolean][] = [
    [probed({ http: { port: 8080, path: "/" } }), true],
    [probed({ http: { port: 9901, path: "/" } }), true],
    [probed({ http: { port: 8080, path: "/" } }, { awaitHealthy: false }), true],
    [probed({ http: { port: 9901, path: "/" } }, { awaitHealthy: false }), false],
    [probed({ tcp: { port: 2378 } }, { awaitHealthy: false }), false],
    [probed({ grpc: { port: 9000 } }, { awaitHealthy: false }), false],
    [probed({ exec: { command: ["true"] } }, { awaitHealthy: false }), true],
  ];
  for (const [container, asked] of cases) {
    assert.equal(isAsked(container, [HTTP]), asked, JSON.stringify(container.probe));
  }
});

test("a rollout waits for sidecars one after the other, and for the rest at once", () => {
  const slow: ProbeSpec = { tcp: { port: 1 }, ...TIMING, startPeriodSeconds: 60 };
  const quick = probed({ tcp: { port: 1 } });
  const other = { ...quick, probe: slow };
  const silent = { ...quick, probe: undefined };
  assert.equal(patienceSeconds([], [silent]), 120);
  assert.equal(patienceSeconds([], [quick, other]), 120 + 75);
  assert.equal(patienceSeconds([quick, other], [quick]), 120 + 35 + 75 + 35);
});
