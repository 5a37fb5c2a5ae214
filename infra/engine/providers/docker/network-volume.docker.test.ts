import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Fixture, TYPES } from "./testing";

test("networks and volumes on a real daemon", async (suite) => {
  const opened = await Fixture.open();
  if ("skip" in opened) return suite.skip(opened.skip);
  const { fixture } = opened;

  await suite.test("a network is created, read, looked up and deleted", async () => {
    const network = await fixture.make(TYPES.network, "net", { internal: true });
    assert.match(network.outputs.name, /^net-[0-9a-f]{7}$/);
    const { internal, driver, scope, labels, ipamConfigs } = network.outputs;
    assert.deepEqual([internal, driver, scope, labels], [true, "bridge", "local", fixture.labels()]);
    assert.equal(ipamConfigs.length, 1);
    assert.deepEqual(await fixture.read(network), {
      id: network.id,
      inputs: network.inputs,
      outputs: network.outputs,
    });
    const found = await fixture.provider.invoke("docker:index/getNetwork:getNetwork", {
      name: network.outputs.name,
    });
    assert.deepEqual([found.id, found.internal], [network.id, true]);
    await fixture.remove(network);
    assert.equal(await fixture.read(network), undefined);
    await fixture.provider.delete(fixture.context(TYPES.network, "net"), network);
  });

  await suite.test("a network keeps its address range", async () => {
    // Of this run's own: two networks cannot have the same.
    const prefix = `10.213.${Number.parseInt(fixture.run.slice(0, 2), 16)}`;
    const range = { subnet: `${prefix}.0/24`, gateway: `${prefix}.1` };
    const network = await fixture.make(TYPES.network, "ranged", { ipamConfigs: [range] });
    assert.deepEqual(network.outputs.ipamConfigs, [{ ...range, auxAddress: {}, ipRange: "" }]);
  });

  await suite.test("a name that is taken is refused", async () => {
    const network = await fixture.make(TYPES.network, "first", {});
    const inputs = await fixture.check(TYPES.network, "second", { name: network.outputs.name });
    await assert.rejects(
      fixture.provider.create(fixture.context(TYPES.network, "second"), inputs),
      (error: Error) => error.message.startsWith(`network ${network.outputs.name} could not be created: `),
    );
  });

  await suite.test("a volume is created, read and deleted", async () => {
    const volume = await fixture.make(TYPES.volume, "data", {});
    assert.match(volume.id, /^data-[0-9a-f]{7}$/);
    assert.deepEqual([volume.outputs.driver, volume.outputs.labels], ["local", fixture.labels()]);
    assert.deepEqual(await fixture.read(volume), {
      id: volume.id,
      inputs: volume.inputs,
      outputs: volume.outputs,
    });
    await fixture.remove(volume);
    assert.equal(await fixture.read(volume), undefined);
    await fixture.provider.delete(fixture.context(TYPES.volume, "data"), volume);
  });

  await suite.test("what an interrupted create left is adopted, what was there before is not", async () => {
    const since = new Date();
    for (const type of [TYPES.network, TYPES.volume]) {
      const made = await fixture.make(type, "crashed", {});
      const context = fixture.context(type, "crashed");
      const adopted = await fixture.provider.recover?.(context, made.inputs, since);
      assert.deepEqual(adopted, { id: made.id, outputs: made.outputs });
      const later = new Date(Date.now() + 60_000);
      assert.equal(await fixture.provider.recover?.(context, made.inputs, later), undefined);
      assert.equal(
        await fixture.provider.recover?.(context, { ...made.inputs, name: "flotilla-none" }, since),
        undefined,
      );
    }
  });

  await suite.test("a volume that is in use is not waited for after an interruption", async () => {
    const volume = await fixture.make(TYPES.volume, "held", {});
    const volumes = [{ volumeName: volume.id, containerPath: "/v" }];
    const holder = await fixture.container("holder", { volumes, command: ["/bin/sleep", "1000"] });
    const aborted = fixture.context(TYPES.volume, "held", AbortSignal.abort());
    await assert.rejects(fixture.provider.delete(aborted, volume), {
      message: new RegExp(
        `^volume ${volume.id} could not be deleted \\(still used by ${holder.outputs.name}\\): `,
      ),
    });
  });

  after(() => fixture.close());
});
