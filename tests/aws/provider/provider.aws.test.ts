import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { type RunResult, run } from "../../../infra/engine";
import { type AwsClient, AwsEmulator } from "../emulator";
import { inventory } from "../inventory";
import { createWebAcl } from "../web-acl";
import { AwsProvider } from "./provider";
import { awsTypes } from "./types";

let emulator: AwsEmulator;
let aws: AwsClient;
let directory: string;
let webAcl: string;

before(async () => {
  emulator = await AwsEmulator.start("127.0.0.1:5999");
  aws = emulator.client();
  webAcl = await createWebAcl(aws, "fixture");
  directory = mkdtempSync(path.join(tmpdir(), "flotilla-aws-"));
  cpSync(path.join(__dirname, "fixture"), path.join(directory, "program"), { recursive: true });
  symlinkSync(
    path.resolve(__dirname, "../../../node_modules"),
    path.join(directory, "node_modules"),
    "junction",
  );
});
after(async () => {
  rmSync(directory, { recursive: true, force: true });
  await emulator.stop();
});

async function go(verb: "up" | "refresh" | "destroy" | "preview", version = "1"): Promise<RunResult> {
  const result = await run({
    verb,
    directory: path.join(directory, "program"),
    stack: "s",
    backendUrl: `file://${directory}`,
    passphrase: "correct horse",
    providers: { aws: () => new AwsProvider(aws, emulator.packages) },
    environment: { VERSION: version, WEB_ACL: webAcl },
  });
  assert.deepEqual(
    result.diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  return result;
}

/** Steps that changed something. */
function changes({ counts: { same: _, ...counts } }: RunResult) {
  return counts;
}

test("a stack of every type that the table has comes up, stays, is mended, changes and goes", async (t) => {
  const atFirst = await inventory(aws);

  await t.test("up makes it, and the outputs are the account's", async () => {
    const result = await go("up");
    const { outputs, resources } = result;
    const made = new Set(resources.map(({ type }) => type));
    assert.deepEqual(
      Object.keys(awsTypes).filter((type) => !made.has(type)),
      [],
    );
    assert.deepEqual(changes(result), { create: resources.length });
    assert.equal(outputs.url.value, "http://127.0.0.1:8080");
    assert.deepEqual(JSON.parse(String(outputs.ran.value)), { version: "1", event: { say: "hello" } });
  });

  await t.test("up again changes nothing, nor does a refresh", async () => {
    assert.deepEqual(changes(await go("up")), {});
    assert.deepEqual(changes(await go("refresh")), {});
  });

  await t.test("what was changed behind its back is told by a refresh, and mended", async () => {
    await aws.call("ecs", "UpdateService", { cluster: "fixture", service: "users", desiredCount: 5 });
    await aws.call("logs", "DeleteLogGroup", { logGroupName: "/fixture/users" });
    assert.deepEqual(changes(await go("refresh")), { update: 1, delete: 1 });
    assert.deepEqual(changes(await go("up")), { update: 1, create: 1 });
    const desired = await aws.call(
      "ecs",
      "DescribeServices",
      { cluster: "fixture", services: ["users"] },
      "services[0].desiredCount",
    );
    assert.equal(desired, 2);
  });

  await t.test("a new version is a new task definition, another call, and updates", async () => {
    const result = await go("up", "2");
    // The function's code is updated, and it is called anew.
    assert.deepEqual(changes(result), { update: 4, replace: 2, "delete-replaced": 2 });
    assert.equal(JSON.parse(String(result.outputs.ran.value)).version, "2");
    const service = await aws.call(
      "ecs",
      "DescribeServices",
      { cluster: "fixture", services: ["users"] },
      "services[0]",
    );
    assert.match(service.taskDefinition, /fixture-users:2$/);
    assert.equal(service.deploymentConfiguration.deploymentCircuitBreaker.rollback, true);
  });

  await t.test("destroy leaves nothing of any kind", async () => {
    await go("destroy", "2");
    assert.deepEqual(await inventory(aws), atFirst);
  });
});
