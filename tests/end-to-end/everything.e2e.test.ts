import assert from "node:assert/strict";
import { test } from "node:test";
import { DockerDriver } from "./docker-driver";

test("every part of a workload, on the daemon", { timeout: 15 * 60_000 }, async (t) => {
  const stack = await DockerDriver.create("e2e-parts", { httpPort: 18084, registryKind: "native" });
  stack.architecture = "tests/end-to-end/everything.ts";
  t.after(() => stack.down());
  const mended = { whole: { tasks: [{ ...shell, name: "migrate", command: ["echo migrated"] }] } };

  await t.test("a failing task keeps the service from starting and tells its output", async () => {
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 1, output);
    assert.match(output, /Task "migrate" of "whole" ended with exit code 1/);
    assert.match(output, /migrating/);
    const names = [...(await stack.running()).keys()];
    assert.deepEqual(
      names.filter((name) => name.startsWith("whole-1")),
      [],
    );
  });

  await t.test("it runs again at the next up, and fails again", async () => {
    const { exitCode, output } = await stack.up();
    assert.equal(exitCode, 1, output);
    assert.match(output, /whole-migrate/);
  });

  await t.test("once it succeeds, init container, sidecar and main start in their order", async () => {
    const { exitCode, output } = await stack.up(mended);
    assert.equal(exitCode, 0, output);
    const names = [...(await stack.running()).keys()].map((name) => name.replace(/-[0-9a-f]{7}$/, ""));
    const parts = ["whole-1", "whole-1-agent-register", "whole-1-helper", "whole-1-sandbox"];
    assert.deepEqual(names.filter((name) => name.startsWith("whole-1")).sort(), parts);
  });

  await t.test("the daemon has its files, limits and probe as described", async () => {
    const [id] = [...(await stack.running())]
      .filter(([name]) => /^whole-1-[0-9a-f]{7}$/.test(name))
      .map(([, { id }]) => id);
    const { Config, HostConfig, State } = await stack.docker.getContainer(id).inspect();
    assert.deepEqual(HostConfig.Ulimits, [{ Name: "nofile", Soft: 512, Hard: 1024 }]);
    assert.deepEqual(Config.Healthcheck?.Test, ["CMD", "redis-cli", "-p", "8080", "ping"]);
    assert.equal(State.Health?.Status, "healthy");
    assert.equal((await stack.execute(id, ["cat", "/shared/file"])).trim(), "prepared");
    assert.equal((await stack.execute(id, ["stat", "-c", "%a", "/etc/whole/plain.txt"])).trim(), "440");
    const token = (await stack.execute(id, ["cat", "/run/secrets/whole/token"])).trim();
    assert.match(token, /^[A-Za-z0-9]{32}$/);
    assert.ok(!JSON.stringify(await stack.docker.getContainer(id).inspect()).includes(token));
  });

  await t.test("up again changes nothing, and down leaves nothing", async () => {
    assert.match((await stack.up(mended)).output, /\b0 changes\b/);
    assert.equal((await stack.down()).exitCode, 0);
    assert.deepEqual(await stack.leftovers(), []);
  });
});

const shell = { image: "catalogue:redis", entrypoint: ["sh", "-c"] };
