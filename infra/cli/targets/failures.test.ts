import assert from "node:assert/strict";
import { test } from "node:test";
import { StackOnDocker } from "../docker/stack-on-docker";
import { fakeDocker, frame, inspected, partLabels } from "../testing";
import { describeFailures } from "./failures";

const at = "2026-01-01T10:00:00.000000001Z";

test("each failing container is told with its last probe and log", async () => {
  const docker = fakeDocker({
    containers: {
      main: inspected("main", partLabels("users", 1, "main"), {
        Status: "running",
        Health: { Status: "unhealthy", Log: [{ Output: "old" }, { Output: "connection refused\n" }] },
      }),
      etcd: inspected("etcd", partLabels("registry", 1, "main"), { Status: "exited", ExitCode: 2 }),
      told: inspected("told", partLabels("orders", 2, "main"), { Status: "exited", ExitCode: 1 }),
      fine: inspected("fine", partLabels("orders", 1, "main"), {
        Status: "running",
        Health: { Status: "healthy" },
      }),
      init: inspected("init", partLabels("orders", 1, "init"), { Status: "exited" }),
      writer: inspected("writer", {}, { Status: "created" }),
    },
    logs: { main: Buffer.concat([frame(1, `${at} one\n`), frame(2, `${at} two\n`)]) },
  });
  assert.deepEqual(await describeFailures(new StackOnDocker(docker, "shop/dev"), ["told exited"]), [
    "registry/1 main (container etcd) is exited (2)",
    "  its log is empty",
    "users/1 main (container main) is unhealthy",
    "  last probe: connection refused",
    "  last log lines:",
    "    one",
    "    two",
  ]);
});

test("the application is told too, when what waits for it failed or still waits", async () => {
  const running = { Status: "running" };
  const docker = fakeDocker({
    containers: {
      told: inspected("told-register", partLabels("users", 1, "register"), {
        Status: "exited",
        ExitCode: 137,
      }),
      users: inspected("users", partLabels("users", 1, "main"), running),
      old: inspected("users-old", partLabels("users", 2, "main"), running),
      sidecar: inspected("sidecar", partLabels("users", 1, "forward"), running),
      orders: inspected("orders", partLabels("orders", 1, "main"), {
        ...running,
        Health: { Status: "starting" },
      }),
    },
    logs: { users: frame(1, `${at} the tea is cold\n`) },
  });
  const told = ["container told-register: it is not healthy"];
  assert.deepEqual(await describeFailures(new StackOnDocker(docker, "shop/dev"), told), [
    "orders/1 main (container orders) is starting",
    "  its log is empty",
    "users/1 main (container users) is running",
    "  last log lines:",
    "    the tea is cold",
  ]);
});
