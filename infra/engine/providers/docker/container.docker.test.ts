import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Properties } from "../../provider";
import { Fixture, TYPES } from "./testing";

test("containers on a real daemon", async (suite) => {
  const opened = await Fixture.open();
  if ("skip" in opened) return suite.skip(opened.skip);
  const { fixture } = opened;
  const run = { command: ["/bin/sleep", "1000"] };
  const probe = (command: string): Properties => ({
    wait: true,
    healthcheck: { tests: ["CMD", "/bin/sh", "-c", command], interval: "300ms", timeout: "10s", retries: 2 },
  });
  const state = async (id: string) => (await fixture.docker.getContainer(id).inspect()).State;

  await suite.test("is created, awaited, unchanged, updated in place, and deleted", async () => {
    const made = await fixture.container("web", {
      ...run,
      ...probe("true"),
      memory: 32,
      memorySwap: 32,
      cpus: "0.5",
    });
    assert.match(made.outputs.name, /^web-[0-9a-f]{7}$/);
    assert.equal((await state(made.id)).Health?.Status, "healthy");
    assert.deepEqual([made.outputs.memory, made.outputs.cpus, made.outputs.exitCode], [32, "0.5", null]);

    const read = await fixture.read(made);
    assert.deepEqual(read?.inputs, made.inputs);
    assert.deepEqual(read?.outputs, made.outputs);

    const context = fixture.context(TYPES.container, "web");
    const inputs = { ...made.inputs, memory: 48, memorySwap: 48, restart: "on-failure" };
    const diff = await fixture.provider.diff(context, made, inputs);
    assert.deepEqual([diff.changedKeys.sort(), diff.replaceKeys], [["memory", "memorySwap", "restart"], []]);
    const outputs = await fixture.provider.update(context, made, inputs);
    assert.deepEqual([outputs.memory, outputs.memorySwap, outputs.restart], [48, 48, "on-failure"]);

    await fixture.remove(made);
    assert.equal(await fixture.read(made), undefined);
    await fixture.provider.delete(context, made);
  });

  await suite.test("a stopped one is shown by a refresh and started by the next update", async () => {
    const made = await fixture.container("stopped", run);
    await fixture.docker.getContainer(made.id).stop({ t: 0 });
    const read = await fixture.read(made);
    assert.equal(read?.outputs.mustRun, false);
    assert.ok(read);
    const context = fixture.context(TYPES.container, "stopped");
    const inputs = await fixture.check(
      TYPES.container,
      "stopped",
      { image: fixture.image, ...run },
      read.inputs,
    );
    assert.deepEqual((await fixture.provider.diff(context, read, inputs)).changedKeys, ["mustRun"]);
    const outputs = await fixture.provider.update(context, read, inputs);
    assert.equal(outputs.mustRun, true);
    assert.equal((await state(made.id)).Running, true);
  });

  await suite.test("joiners share a sandbox's network, on two networks with aliases", async () => {
    const network = await fixture.make(TYPES.network, "net", {});
    const other = await fixture.make(TYPES.network, "other", {});
    const name = network.outputs.name;
    const sandbox = await fixture.container("sandbox", {
      ...run,
      networkMode: name,
      networksAdvanced: [
        { name, aliases: ["users"] },
        { name: other.outputs.name, aliases: ["elsewhere"] },
      ],
    });
    const networkMode = `container:${sandbox.id}`;
    await fixture.container("joiner", {
      networkMode,
      command: ["/bin/nc", "-ll", "-p", "7000", "-e", "/bin/echo", "joined"],
    });
    const ask = (host: string) => ["/bin/sh", "-c", `until nc ${host} 7000 2>/dev/null; do sleep 0.1; done`];
    assert.equal(await fixture.output(ask("127.0.0.1"), { networkMode }), "joined\n");
    assert.equal(await fixture.output(ask("users"), { networkMode: name }), "joined\n");
    const apart = { networksAdvanced: [{ name: other.outputs.name }] };
    assert.equal(await fixture.output(ask("elsewhere"), apart), "joined\n");
    assert.deepEqual(
      sandbox.outputs.networkDatas.map((data: Properties) => data.networkName).sort(),
      [name, other.outputs.name].sort(),
    );
  });

  await suite.test("a never-started writer fills a volume that a read-only container reads", async () => {
    const volume = await fixture.make(TYPES.volume, "files", {});
    const volumes = [{ volumeName: volume.id, containerPath: "/run/secrets" }];
    const writer = await fixture.container("writer", {
      volumes,
      start: false,
      mustRun: false,
      command: ["/bin/true"],
      uploads: [
        {
          file: "/run/secrets/password",
          content: "hush",
          permissions: "0440",
          owner: "65532",
          group: "65532",
        },
        {
          file: "/run/secrets/tool",
          contentBase64: Buffer.from("#!/bin/sh\necho ran\n").toString("base64"),
          executable: true,
        },
      ],
    });
    assert.equal((await state(writer.id)).Status, "created");
    assert.deepEqual((await fixture.read(writer))?.inputs, writer.inputs);
    const reader = { readOnly: true, user: "65532:65532", volumes: [{ ...volumes[0], readOnly: true }] };
    const command = ["/bin/sh", "-c", "cat /run/secrets/password; stat -c ' %a %u:%g' /run/secrets/password"];
    assert.equal(await fixture.output(command, reader), "hush 440 65532:65532\n");
    assert.equal(await fixture.output(["/run/secrets/tool"], { volumes }), "ran\n");
  });

  await suite.test("an empty volume is filled from the image's folder", async () => {
    const volume = await fixture.make(TYPES.volume, "seeded", {});
    const never = { start: false, mustRun: false, command: ["/bin/true"] };
    await fixture.container("filler", {
      ...never,
      volumes: [{ volumeName: volume.id, containerPath: "/seed" }],
    });
    const volumes = [{ volumeName: volume.id, containerPath: "/elsewhere", readOnly: true }];
    assert.equal(await fixture.output(["/bin/cat", "/elsewhere/file"], { volumes }), "from the image");
  });

  await suite.test(
    "an attached one gives its log and its exit code, and runs again when it failed",
    async () => {
      const attached = { attach: true, logs: true, mustRun: false };
      const done = await fixture.container("done", { command: ["/bin/true"], ...attached });
      assert.equal(done.outputs.exitCode, 0);
      const command = ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"];
      const job = await fixture.container("job", { command, ...attached }, ["exitCode"]);
      assert.equal(job.outputs.exitCode, 3);
      assert.deepEqual(job.outputs.containerLogs.trim().split("\n").sort(), ["err", "out"]);
      const wordless = await fixture.container("wordless", { command, ...attached, logs: false }, [
        "exitCode",
      ]);
      assert.deepEqual([wordless.outputs.exitCode, wordless.outputs.containerLogs], [3, null]);
    },
  );

  await suite.test("one that does not become healthy says its last probe and its log", async () => {
    const command = ["/bin/sh", "-c", "echo listening on 8080; sleep 1000"];
    const message = await fixture.failure("ill", {
      command,
      ...probe("echo no answer on 8080; exit 1"),
      waitTimeout: 6,
    });
    const [first, second, ...rest] = message.split("\n");
    assert.match(
      first,
      /^container ill-[0-9a-f]{7}: it is not healthy after 6 s \(its health check says "unhealthy"\)$/,
    );
    assert.equal(second, "  last probe (exit code 1): no answer on 8080");
    assert.deepEqual(rest, ["  end of its log:", "    listening on 8080"]);
    assert.ok(fixture.said.some((said) => /^waiting until healthy, [1-6] s$/.test(said)));
    const filters = { name: ["ill-"] };
    assert.deepEqual(await fixture.docker.listContainers({ filters }), [], "it takes requests no more");
    assert.equal((await fixture.docker.listContainers({ all: true, filters })).length, 1);
  });

  await suite.test("one that ends while awaited says how", async () => {
    const command = ["/bin/sh", "-c", "echo cannot open the database; exit 4"];
    const message = await fixture.failure("ended", { command, ...probe("true") });
    assert.match(
      message,
      /^container ended-\w+: it exited with code 4\n {2}end of its log:\n {4}cannot open the database$/,
    );
  });

  await suite.test("one that restarts in a loop is not waited for", async () => {
    const command = ["/bin/sh", "-c", "echo again; exit 9"];
    const message = await fixture.failure("loop", { command, ...probe("true"), restart: "always" });
    assert.match(message, /: it ends again and again: \d+ restarts(, the last exit code is 9)?\n/);
  });

  await suite.test("one that is killed for its memory says so", async () => {
    const command = ["/bin/sh", "-c", "x=0123456789abcdef; while true; do x=$x$x; done"];
    const message = await fixture.failure("greedy", { command, memory: 8, memorySwap: 8, ...probe("true") });
    assert.match(message, /: it exited with code 137, .*out of memory \(its limit is 8 MiB\)/);
  });

  await suite.test("without a health check there is nothing to wait for", async () => {
    const message = await fixture.failure("blind", { ...run, wait: true });
    assert.match(message, /wait is true, but there is no health check to wait for/);
  });

  await suite.test("a program that is not there is named", async () => {
    const message = await fixture.failure("typo", { command: ["/bin/serve"] });
    assert.match(message, /^container typo-\w+: it could not be started: .*\/bin\/serve/);
  });

  await suite.test("a taken port is named with its holder", async () => {
    const holder = await fixture.container("holder", { ...run, ports: [{ internal: 80, ip: "127.0.0.1" }] });
    const [{ external }] = holder.outputs.ports;
    const message = await fixture.failure("late", {
      ...run,
      ports: [{ internal: 80, external, ip: "127.0.0.1" }],
    });
    assert.match(
      message.split("\n")[0],
      new RegExp(
        `: it could not be started: host port ${external} is taken by container ${holder.outputs.name}\\. `,
      ),
    );
  });

  await suite.test("a network that is not there is named", async () => {
    const message = await fixture.failure("lost", {
      ...run,
      networksAdvanced: [{ name: "flotilla-no-such" }],
    });
    assert.match(
      message,
      /^container lost-\w+: it could not be (connected|started).* network flotilla-no-such/,
    );
  });

  await suite.test("an interrupted wait ends at once and keeps the container's id", async () => {
    const abort = new AbortController();
    const waiting = fixture.failure("slow", { ...run, ...probe("false") }, abort.signal);
    const begun = async () =>
      (await fixture.docker.listContainers({ filters: { name: ["slow-"] } })).length > 0;
    while (!(await begun()));
    abort.abort();
    assert.match(await waiting, /^container slow-\w+: its start was interrupted/);
  });

  await suite.test(
    "what an interrupted create left is adopted when it runs, and unfinished when not",
    async () => {
      const since = new Date();
      const context = fixture.context(TYPES.container, "crashed");
      const running = await fixture.container("crashed", run);
      const adopted = await fixture.provider.recover?.(context, running.inputs, since);
      assert.equal(adopted?.id, running.id);
      const later = new Date(Date.now() + 60_000);
      assert.equal(await fixture.provider.recover?.(context, running.inputs, later), undefined);
      const half = await fixture.container("half", { ...run, start: false, mustRun: false });
      const found = await fixture.provider.recover?.(context, half.inputs, since);
      assert.deepEqual([found?.id, found?.unfinished], [half.id, true]);
    },
  );

  after(() => fixture.close());
});
