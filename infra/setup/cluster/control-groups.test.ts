import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { hierarchies, makeControlGroup, removeControlGroup } from "./control-groups";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-control-groups-"));
after(() => fs.rmSync(folder, { recursive: true }));

function hierarchy(name: string, isUnified: boolean) {
  const made = path.join(folder, name);
  fs.mkdirSync(made, { recursive: true });
  return { folder: made, isUnified };
}

test("Hierarchies are those of both versions that are mounted", () => {
  const mounts = `proc /proc proc rw 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
`;
  assert.deepEqual(hierarchies(mounts), [
    { folder: "/sys/fs/cgroup/unified", isUnified: true },
    { folder: "/sys/fs/cgroup/memory", isUnified: false },
  ]);
});

test("Version 1: the group is made in every hierarchy, and not in one of version 2 beside them", async () => {
  const memory = hierarchy("v1/memory", false);
  const cpu = hierarchy("v1/cpu", false);
  const unified = hierarchy("v1/unified", true);
  makeControlGroup([unified, memory, cpu]);
  assert.deepEqual(
    [unified, memory, cpu].map((each) => fs.readdirSync(each.folder)),
    [[], ["flotilla-cluster"], ["flotilla-cluster"]],
  );
  fs.mkdirSync(path.join(memory.folder, "flotilla-cluster/kubepods/pod1"), { recursive: true });
  fs.mkdirSync(path.join(memory.folder, "kubepods"));
  await removeControlGroup([unified, memory, cpu]);
  assert.deepEqual(
    [unified, memory, cpu].map((each) => fs.readdirSync(each.folder)),
    [[], ["kubepods"], []],
  );
});

test("Version 2: what the kubelet limits is switched on for the group", () => {
  const unified = hierarchy("v2", true);
  fs.writeFileSync(path.join(unified.folder, "cgroup.controllers"), "cpu memory rdma\n");
  const control = path.join(unified.folder, "cgroup.subtree_control");
  fs.writeFileSync(control, "");
  makeControlGroup([unified]);
  assert.equal(fs.readFileSync(control, "utf8"), "+cpu +memory");
  assert.equal(fs.existsSync(path.join(unified.folder, "flotilla-cluster")), true);
});
