import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { failuresOf, names, type Recorded, Recorder, revealed, settled } from "../../../tests/recorder";
import { Microservice, type MicroserviceArgs, Registry } from "../../index";
import { DockerPlatform } from "./docker-platform";

const recorder = new Recorder();
const platform = new DockerPlatform("shop");
const IMAGE = "registry.example.com/app:1";
const CONTAINER = "docker:index/container:Container";
const VOLUME = "docker:index/volume:Volume";
const RUN = /^[0-9a-f]{12}$/;

type Args = Omit<MicroserviceArgs, "platform">;

async function deploy(name: string, args: Args = {}): Promise<void> {
  new Microservice(name, { platform, image: IMAGE, ...args });
  await settled();
}

const container = (name: string): Recorded => recorder.one(CONTAINER, name);
const volumeName = (name: string): unknown => recorder.one(VOLUME, name).inputs.name;

function labels(resource: Recorded): Record<string, string> {
  const given = resource.inputs.labels as { label: string; value: string }[];
  return Object.fromEntries(given.map(({ label, value }) => [label, value]));
}

/** Containers that a container waits for, directly. */
function waitsFor(name: string): string[] {
  const ours = container(name).dependsOn.filter((urn) => urn.includes(CONTAINER));
  return names(ours).filter((other) => !other.endsWith("-writer") && !other.endsWith("-filler"));
}

test("a replica starts sandbox, init, before, main, after, each waiting for the ones before it", async () => {
  await deploy("ordered", {
    initContainers: [
      { name: "first", image: IMAGE },
      { name: "second", image: IMAGE },
    ],
    sidecars: [
      { name: "late", image: IMAGE, order: "after" },
      { name: "early", image: IMAGE },
    ],
  });
  const direct = (name: string) => waitsFor(name).filter((other) => other !== "ordered-1-sandbox");
  assert.deepEqual(waitsFor("ordered-1-first"), ["ordered-1-sandbox"]);
  assert.deepEqual(direct("ordered-1-second"), ["ordered-1-first"]);
  assert.deepEqual(direct("ordered-1-early"), ["ordered-1-second"]);
  assert.deepEqual(direct("ordered-1"), ["ordered-1-early", "ordered-1-second"]);
  assert.deepEqual(direct("ordered-1-late"), ["ordered-1", "ordered-1-second"]);
  for (const name of [
    "ordered-1",
    "ordered-1-first",
    "ordered-1-second",
    "ordered-1-early",
    "ordered-1-late",
  ]) {
    assert.equal(container(name).inputs.networkMode, "container:ordered-1-sandbox-id", name);
    assert.equal(container(name).deleteBeforeReplace, false, name);
  }
  assert.deepEqual(
    ["ordered-1-first", "ordered-1-early"].map((name) => container(name).inputs.attach),
    [true, undefined],
  );
});

test("only what needs it waits for what a workload starts after: neither its network nor the way to those it calls", async () => {
  const registry = new Registry("directory", { platform, kind: "etcd" });
  const first = new Microservice("earlier", { platform, image: IMAGE });
  await deploy("later", {
    registry,
    startAfter: [first],
    calls: ["earlier"],
    sidecars: [{ name: "proxy", image: IMAGE }],
  });
  const awaited = (name: string) =>
    waitsFor(name).filter((other) => ["earlier-1", "directory-1"].includes(other));
  assert.deepEqual(awaited("later-1-sandbox"), []);
  assert.deepEqual(awaited("later-1-agent-forward"), ["directory-1"]);
  assert.deepEqual(awaited("later-1-proxy"), ["directory-1", "earlier-1"]);
  assert.deepEqual(awaited("later-1"), ["directory-1", "earlier-1"]);
  assert.equal(waitsFor("later-1").includes("later-1-agent-forward"), true);
});

test("each replica has a network of its own, found under the workload's name", async () => {
  await deploy("twice", { replicas: { min: 2, max: 5 } });
  for (const index of ["1", "2"]) {
    const { networkMode, networksAdvanced, entrypoints, command } = container(
      `twice-${index}-sandbox`,
    ).inputs;
    assert.equal(networkMode, undefined, "with a network mode Docker would drop the alias");
    assert.deepEqual(networksAdvanced, [{ aliases: ["twice"], name: "flotilla-shop-test" }]);
    assert.deepEqual([entrypoints, command], [["/agent"], ["sandbox"]]);
  }
  assert.equal(
    recorder.all(CONTAINER).some(({ name }) => name === "twice-3"),
    false,
  );
});

test("every container says whose it is", async () => {
  await deploy("labelled", { sidecars: [{ name: "beside", image: IMAGE }] });
  const { "flotilla.revision": revision, ...others } = labels(container("labelled-1"));
  assert.match(revision, RUN);
  assert.deepEqual(others, {
    "flotilla.stack": "flotilla/test",
    "flotilla.workload": "labelled",
    "flotilla.replica": "1",
    "flotilla.container": "main",
  });
  for (const part of ["sandbox", "beside"]) {
    const own = labels(container(`labelled-1-${part}`));
    assert.deepEqual([own["flotilla.container"], own["flotilla.revision"]], [part, revision]);
  }
});

test("files are written once for each folder, by a container of the same image that never runs", async () => {
  await deploy("files", {
    files: { "/etc/app/a": "A", "/etc/app/b": { content: "B", mode: "0400" }, "/etc/other/c": "C" },
  });
  const mounted = container("files-1").inputs.volumes as { containerPath: string; volumeName: string }[];
  const folders = mounted.filter(({ volumeName }) => volumeName.includes("-files-"));
  assert.deepEqual(
    folders.map(({ containerPath, ...rest }) => [containerPath, "readOnly" in rest && rest.readOnly]),
    [
      ["/etc/app", true],
      ["/etc/other", true],
    ],
  );
  const writers = recorder.all(CONTAINER).filter(({ name }) => /^files-main-files-.*-writer$/.test(name));
  const written = writers.flatMap(({ inputs }) => inputs.uploads);
  assert.deepEqual(written, [
    { file: "/etc/app/a", content: "A", permissions: "0444" },
    { file: "/etc/app/b", content: "B", permissions: "0400" },
    { file: "/etc/other/c", content: "C", permissions: "0444" },
  ]);
  for (const { inputs } of writers) {
    const { image, start, mustRun, networkMode, entrypoints } = inputs;
    assert.deepEqual([image, start, mustRun, networkMode, entrypoints], [IMAGE, false, false, "none", ["-"]]);
  }
  const waits = names(container("files-1").dependsOn);
  assert.deepEqual(waits.filter((name) => name.endsWith("-writer")).length, 2);
});

test("a volume of files is named by its content, a live one stays", async () => {
  const folderVolume = async (name: string, content: string, live: boolean): Promise<string> => {
    await deploy(name, { files: { "/etc/app/a": { content, live } } });
    const [volume] = recorder.all(VOLUME).filter((one) => one.name.startsWith(`${name}-main-files-`));
    return String(volume.inputs.name).replaceAll(name, "NAME");
  };
  const frozen = await Promise.all(
    ["A", "A", "B"].map((content, i) => folderVolume(`frozen${i}`, content, false)),
  );
  assert.match(frozen[0], /^flotilla-shop-test-NAME-main-files-[0-9a-f]{6}-[0-9a-f]{12}$/);
  assert.equal(frozen[1], frozen[0]);
  assert.notEqual(frozen[2], frozen[0]);
  const live = await Promise.all(["A", "B"].map((content, i) => folderVolume(`live${i}`, content, true)));
  assert.match(live[0], /^flotilla-shop-test-NAME-main-files-[0-9a-f]{6}$/);
  assert.equal(live[1], live[0]);
});

test("a changed live file rolls nothing, any other change rolls the replica", async () => {
  const revision = async (name: string, args: Args): Promise<string> => {
    await deploy(name, args);
    return labels(container(`${name}-1`))["flotilla.revision"];
  };
  const live = (content: string): Args => ({ files: { "/etc/app/a": { content, live: true } } });
  assert.equal(await revision("roll1", live("A")), await revision("roll2", live("B")));
  const revisions = [
    await revision("roll3", {}),
    await revision("roll4", { files: { "/etc/app/a": "A" } }),
    await revision("roll5", { environment: { A: "1" } }),
    await revision("roll6", { environment: { A: pulumi.secret("2") } }),
    await revision("roll7", { image: `${IMAGE}.1` }),
    await revision("roll8", { memoryMiB: 300 }),
    await revision("roll9", { volumes: { a: { path: "/a" } } }),
  ];
  assert.equal(new Set(revisions).size, revisions.length);
  assert.equal(await revision("roll10", { environment: { A: "2" } }), revisions[3]);
});

test("live files and others do not share a folder", () => {
  const files = { "/etc/app/a": { content: "A", live: true }, "/etc/app/b": "B" };
  assert.throws(
    () => new Microservice("mixed", { platform, image: IMAGE, files }),
    new pulumi.RunError(
      "mixed-main: a folder's files must all be live or none of them (/etc/app/a, /etc/app/b)",
    ),
  );
});

test("a secret file is a secret in the state, and no name or label tells of it", async () => {
  const secretVolume = async (name: string, content: string): Promise<string> => {
    await deploy(name, { secretFiles: { "/run/secrets/key": content } });
    const [volume] = recorder.all(VOLUME).filter((one) => one.name.startsWith(`${name}-main-files-`));
    const [writer] = recorder.all(CONTAINER).filter((one) => one.name === `${volume.name}-writer`);
    assert.deepEqual(revealed(writer.inputs.uploads), [
      { file: "/run/secrets/key", content, permissions: "0444" },
    ]);
    const { uploads: _hidden, ...visible } = writer.inputs;
    const parts = recorder.resources.filter((one) => one.name.startsWith(`${name}-`) && one !== writer);
    assert.equal(JSON.stringify([visible, parts]).includes(content), false);
    return String(volume.inputs.name).replaceAll(name, "NAME");
  };
  const same = [
    await secretVolume("secret1", "hunter2hunter2"),
    await secretVolume("secret2", "hunter2hunter2"),
  ];
  assert.equal(same[1], same[0]);
  assert.notEqual(await secretVolume("secret3", "hunter3hunter3"), same[0]);
});

test("a persistent volume stays with its replica, which is stopped before the next one starts", async () => {
  const data = { path: "/data", kind: "persistent" } as const;
  await deploy("stateful", { replicas: 2, volumes: { data } });
  assert.equal(volumeName("stateful-1-data"), "flotilla-shop-test-stateful-1-data");
  assert.equal(volumeName("stateful-2-data"), "flotilla-shop-test-stateful-2-data");
  for (const name of ["stateful-1", "stateful-1-sandbox", "stateful-2"]) {
    assert.equal(container(name).deleteBeforeReplace, true, name);
  }
  const mounted = container("stateful-1").inputs.volumes as object[];
  assert.deepEqual(mounted.at(-1), {
    volumeName: "flotilla-shop-test-stateful-1-data",
    containerPath: "/data",
    readOnly: false,
  });
  const owner = container("stateful-1-data-owner").inputs;
  assert.deepEqual([owner.start, owner.mustRun, owner.networkMode], [false, false, "none"]);
  assert.deepEqual(owner.volumes, [
    { containerPath: "/writable", volumeName: "flotilla-shop-test-stateful-1-data" },
  ]);
  assert(waitsFor("stateful-1").includes("stateful-1-data-owner"));
});

test("a size that Docker would not keep is refused", () => {
  const volumes = { data: { path: "/data", kind: "persistent", sizeMiB: 512 } } as const;
  assert.throws(
    () => new Microservice("bounded", { platform, image: IMAGE, volumes }),
    new pulumi.RunError(
      'Microservice "bounded": volumes["data"].sizeMiB cannot be kept by local Docker, which does not bound a persistent volume, got 512. Take it out.',
    ),
  );
});

test("an ephemeral volume is memory that goes with its revision", async () => {
  await deploy("scratched", { volumes: { scratch: { path: "/scratch", sizeMiB: 8 } } });
  const { driver, driverOpts } = recorder.one(VOLUME, "scratched-1-scratch").inputs;
  const revision = labels(container("scratched-1"))["flotilla.revision"];
  assert.equal(volumeName("scratched-1-scratch"), `flotilla-shop-test-scratched-1-scratch-${revision}`);
  assert.equal(driver, "local");
  assert.deepEqual(driverOpts, { type: "tmpfs", device: "tmpfs", o: "size=8m,mode=1777,nosuid,nodev" });
  assert.equal(container("scratched-1").deleteBeforeReplace, false);
  const kept = {
    volumeName: volumeName("scratched-1-scratch"),
    containerPath: "/volumes/scratch",
    readOnly: true,
  };
  const mounted = container("scratched-1-sandbox").inputs.volumes as object[];
  assert.deepEqual(mounted.at(-1), kept, "the sandbox keeps it while nothing else has it mounted");
});

test("a task runs once to its end in the network, before any replica", async () => {
  await deploy("migrated", { replicas: 2, tasks: [{ name: "migrate", image: IMAGE, command: ["up"] }] });
  const task = container("migrated-migrate");
  const { attach, mustRun, restart, networkMode, command } = task.inputs;
  assert.deepEqual(
    [attach, mustRun, restart, networkMode, command],
    [true, false, "no", "flotilla-shop-test", ["up"]],
  );
  assert.equal(labels(task)["flotilla.task"], "migrate");
  for (const index of [1, 2]) {
    assert(names(container(`migrated-${index}-sandbox`).dependsOn).includes("migrated-migrate"), `${index}`);
  }
});

test("a failed task keeps every replica from starting, and its last output is told", async () => {
  const log = Array.from({ length: 30 }, (_, line) => `line ${line + 1}`).join("\n");
  recorder.compute(CONTAINER, "halted-migrate", { exitCode: 3, containerLogs: `${log}\n` });
  const failures = await failuresOf(() => {
    new Microservice("halted", { platform, image: IMAGE, tasks: [{ name: "migrate", image: IMAGE }] });
  });
  const last = Array.from({ length: 20 }, (_, line) => `line ${line + 11}`).join("\n");
  const expected = `Task "migrate" of "halted" ended with exit code 3. Its last output:\n${last}`;
  assert(
    failures.some((message) => message.includes(expected)),
    failures.join("\n---\n"),
  );
  const started = recorder.all(CONTAINER).filter(({ name }) => name.startsWith("halted-1"));
  assert.deepEqual(names(started.map(({ name }) => name)), []);
});

test("a failed init container keeps the rest of its replica from starting", async () => {
  recorder.compute(CONTAINER, "stuck-1-fill", { exitCode: 1, containerLogs: "no\n" });
  const failures = await failuresOf(() => {
    new Microservice("stuck", { platform, image: IMAGE, initContainers: [{ name: "fill", image: IMAGE }] });
  });
  const expected = 'Init container "fill" of "stuck-1" ended with exit code 1. Its last output:\nno';
  assert(
    failures.some((message) => message.includes(expected)),
    failures.join("\n---\n"),
  );
  const started = recorder.all(CONTAINER).map(({ name }) => name);
  assert.deepEqual(
    started.filter((name) => name.startsWith("stuck-")),
    ["stuck-1-sandbox", "stuck-1-fill"],
  );
});
