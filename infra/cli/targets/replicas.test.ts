import assert from "node:assert/strict";
import { test } from "node:test";
import { StackOnDocker } from "../docker/stack-on-docker";
import { fakeDocker, inspected, partLabels } from "../testing";
import { formatReplicas } from "./replicas";

const healthy = { Status: "running", Health: { Status: "healthy" } };
const running = { Status: "running" };

async function table(containers: object[]): Promise<string[]> {
  const byName = Object.fromEntries(
    containers.map((container) => [(container as { Id: string }).Id, container]),
  );
  const stack = new StackOnDocker(fakeDocker({ containers: byName }), "shop/dev");
  return formatReplicas(await stack.parts(), new Date("2026-01-01T12:05:00Z"));
}

test("ps has a line for each replica, with what is wrong in it", async () => {
  const published = { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }], "9901/tcp": null };
  const lines = await table([
    inspected("u2m", partLabels("users", 2, "main"), { Status: "running", Health: { Status: "starting" } }),
    inspected("u2s", partLabels("users", 2, "sandbox"), running),
    inspected("u1m", partLabels("users", 1, "main"), healthy),
    inspected("u1s", partLabels("users", 1, "sandbox"), running),
    inspected("u1i", partLabels("users", 1, "init"), { Status: "exited" }),
    inspected("o1m", partLabels("orders", 1, "main"), { Status: "exited", ExitCode: 137 }),
    inspected("o1r", partLabels("orders", 1, "register"), {
      Status: "running",
      Health: { Status: "starting" },
    }),
    inspected("p1m", partLabels("payments", 1, "main"), { Status: "restarting", ExitCode: 1 }),
    inspected("edge", { "flotilla.workload": "edge", "flotilla.container": "public" }, healthy, published),
    inspected("task", { "flotilla.workload": "users", "flotilla.task": "migrate" }, { Status: "exited" }),
    inspected("writer", {}, { Status: "created" }),
  ]);
  assert.deepEqual(lines, [
    "WORKLOAD  REPLICA  READY  STATE               UPTIME     PORTS",
    "edge      -        1/1    healthy             2 h 5 min  127.0.0.1:8080",
    "orders    1        0/2    exited (137): main  -          -",
    "payments  1        0/1    restarting: main    -          -",
    "users     -        0      done                -          -",
    "users     1        2/2    healthy             2 h 5 min  -",
    "users     2        1/2    starting: main      2 h 5 min  -",
  ]);
});

test("without probes a replica is running", async () => {
  assert.equal(
    (await table([inspected("a", partLabels("redis", 1, "main"), running)]))[1],
    "redis     1        1/1    running  2 h 5 min  -",
  );
});
