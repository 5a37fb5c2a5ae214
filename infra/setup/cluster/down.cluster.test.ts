/** What comes after all other tests of the cluster: its supervisor dies, it comes back, and it goes without a trace. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { execute, findProgram } from "../host";
import { startCluster, stopCluster } from "./cluster";
import { hierarchies } from "./control-groups";
import { controlGroup, nodeAddress, places, podBridge } from "./places";
import { eventually, kubectl, supervisorProcess } from "./testing/kubectl";

/** Processes of this machine that were started from one of the cluster's folders or programs. */
function processes(): string[] {
  const ofCluster = [places().state, places().builds, places().run];
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .filter((command) => ofCluster.some((folder) => command.includes(folder)));
}

test("A cluster whose supervisor has died is started again, with what it had", async () => {
  assert.equal((await startCluster()).tool, undefined);
  await kubectl("create", "namespace", "flotilla-cluster-survivor");
  const died = supervisorProcess();
  process.kill(died, "SIGKILL");
  await eventually("nothing of it runs", () => processes().length === 0 || undefined);

  assert.deepEqual(await startCluster(), { start: "started" });
  assert.notEqual(supervisorProcess(), died);
  assert.match(
    await kubectl("get", "namespaces", "--output=name"),
    /^namespace\/flotilla-cluster-survivor$/m,
  );
});

test("A cluster that is taken down leaves nothing but what it was built to", async () => {
  const settings: Record<string, string | null> = JSON.parse(
    fs.readFileSync(`${places().state}/kernel-settings.json`, "utf8"),
  );
  await stopCluster();

  assert.deepEqual(processes(), []);
  assert.deepEqual(fs.readdirSync(places().folder), ["builds"]);
  assert.equal(fs.existsSync(places().run), false);
  for (const family of ["iptables", "ip6tables"]) {
    const rules = await execute(findProgram(`${family}-save`)!, []);
    assert.doesNotMatch(rules, /KUBE-|flotilla-cluster|10\.244\./);
  }
  assert.equal(fs.existsSync(`/sys/class/net/${podBridge}`), false);
  assert.equal((await execute("ip", ["address"])).includes(nodeAddress), false);
  assert.equal((await execute("ip", ["route", "show", "table", "all"])).includes("10.244."), false);
  const mounts = fs.readFileSync("/proc/self/mounts", "utf8");
  assert.equal(mounts.includes(places().folder) || mounts.includes(places().run), false);
  const groups = hierarchies(mounts).filter(({ folder }) => fs.existsSync(`${folder}/${controlGroup}`));
  assert.deepEqual(groups, []);
  for (const [name, value] of Object.entries(settings).filter(([, value]) => value !== null)) {
    assert.equal(fs.readFileSync(`/proc/sys/${name}`, "utf8").trim(), value, name);
  }
  for (const folder of ["/run/containerd", "/var/lib/kubelet", "/var/lib/cni", "/var/log/containers"]) {
    assert.equal(fs.existsSync(folder) && fs.readdirSync(folder).length === 0, false, folder);
  }
});

test("Taking down what is not there is no failure", async () => {
  await stopCluster();
});
