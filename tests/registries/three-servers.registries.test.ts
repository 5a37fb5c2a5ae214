/** Three servers agree by quorum: each may be lost, and comes back with what it knew. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ensureImages } from "../../infra/setup/images";
import { until } from "../end-to-end/client";
import { DockerDriver } from "../end-to-end/docker-driver";
import { Stage } from "./stage";

const kinds = { etcd: 18211, consul: 18212, zookeeper: 18213 } as const;

for (const [kind, httpPort] of Object.entries(kinds)) {
  test(`a registry of kind ${kind} with three servers`, { timeout: 15 * 60_000 }, async (t) => {
    await ensureImages([kind as keyof typeof kinds]);
    const driver = await DockerDriver.create(`registries-three-${kind}`, { httpPort, registryKind: kind });
    driver.architecture = "tests/registries/three-servers.ts";
    const stage = new Stage(driver);
    after(() => driver.down());
    const { exitCode, output } = await driver.up();
    assert.equal(exitCode, 0, output);
    await stage.awaitUsers(5, 2);

    for (const server of ["registry-1", "registry-2", "registry-3"]) {
      await t.test(`goes on without ${server}, which finds its way back`, async () => {
        const lost = await stage.container(server, "main");
        const agent = await stage.container("users", "agent-register", 2);
        const { failures } = await stage.underLoad(async () => {
          await lost.kill({ signal: "SIGKILL" });
          // Written and read by those that are left.
          await agent.stop({ t: 30 });
          await stage.awaitUsers(15, 1);
          await agent.start();
          await stage.awaitUsers(15, 2);
        });
        assert.deepEqual(failures, []);
        await stage.listedUsers(15, 2);
        const begin = Date.now();
        await lost.start();
        const gate = await stage.container(server, "agent-gate");
        // Docker goes on calling the gate healthy until it asked several times, so that only a new answer counts.
        await until(
          60,
          async () => (await gate.inspect()).State.Health?.Log.at(-1),
          (last) => last?.ExitCode === 0 && Date.parse(last.Start) > begin,
        );
      });
    }

    await t.test("goes and leaves nothing behind", async () => {
      const down = await driver.down();
      assert.equal(down.exitCode, 0, down.output);
      assert.deepEqual(await driver.leftovers(), []);
    });
  });
}
