import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { execute } from "../host";
import { ensureProgram } from "./build";
import { type ControlPlane, startControlPlane } from "./control-plane";

let plane: ControlPlane;
let program: string;

before(async () => {
  program = await ensureProgram("kubernetes");
  plane = await startControlPlane({ fakeNodes: 3 });
});
after(() => (fs.existsSync(plane.kubeconfig) ? plane.stop() : undefined));

function kubectl(...args: string[]): Promise<string> {
  return execute(program, ["kubectl", `--kubeconfig=${plane.kubeconfig}`, ...args]);
}

test("Pods are placed on nodes that do not exist, and are ready there", async () => {
  await kubectl("create", "deployment", "nothing", "--image=flotilla.local/none:1", "--replicas=6");
  await kubectl("rollout", "status", "deployment/nothing", "--timeout=60s");
  const nodes = await kubectl("get", "pods", "--output=jsonpath={.items[*].spec.nodeName}");
  assert.deepEqual([...new Set(nodes.split(" "))].sort(), ["fake-1", "fake-2", "fake-3"]);
});

test("It is found on this machine only, under the name of the cluster's context", async () => {
  assert.equal(await kubectl("config", "current-context"), "flotilla\n");
  assert.match(await kubectl("cluster-info"), /https:\/\/127\.0\.0\.1:\d+/);
});

test("Nothing is left of it after it has been stopped", async () => {
  const folder = path.dirname(path.dirname(plane.kubeconfig));
  await plane.stop();
  assert.equal(fs.existsSync(folder), false);
  assert.equal((await execute("ps", ["-eo", "args"])).includes(folder), false);
});
