import assert from "node:assert/strict";
import type { DockerDriver } from "./docker-driver";

/** Reads back from the daemon what every running container of the stack may do. */
export async function assertHardened(driver: DockerDriver): Promise<void> {
  const running = await driver.running();
  assert.ok(running.size >= 15, `only ${running.size} containers run`);
  for (const [name, { id }] of running) {
    const { Config, HostConfig } = await driver.docker.getContainer(id).inspect();
    assert.equal(Config.User, /^redis-1-[0-9a-f]{7}$/.test(name) ? "999:999" : "65532:65532", name);
    assert.equal(HostConfig.ReadonlyRootfs, true, name);
    assert.equal(HostConfig.Privileged, false, name);
    assert.deepEqual(HostConfig.CapDrop, ["ALL"], name);
    assert.ok((HostConfig.CapAdd ?? []).length === 0, name);
    assert.deepEqual(HostConfig.SecurityOpt, ["no-new-privileges:true"], name);
    assert.ok((HostConfig.Memory ?? 0) > 0, name);
    assert.equal(HostConfig.MemorySwap, HostConfig.Memory, name);
    assert.ok((HostConfig.CpuQuota ?? 0) > 0, name);
    assert.equal(HostConfig.LogConfig?.Type, "json-file", name);
    assert.deepEqual(HostConfig.LogConfig?.Config, { "max-file": "3", "max-size": "10m" }, name);
    assert.ok(!/PASSWORD=|SECRET=/.test(JSON.stringify(Config.Env ?? [])), name);
    const published = Object.values(
      (HostConfig.PortBindings ?? {}) as Record<string, { HostIp: string }[]>,
    ).flat();
    assert.deepEqual(
      published.map(({ HostIp }) => HostIp),
      name.includes("-public-") ? ["127.0.0.1"] : [],
      name,
    );
  }
}
