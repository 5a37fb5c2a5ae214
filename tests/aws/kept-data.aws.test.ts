/** A file system that `down --keep-data` left in an emulated account is the next stack's, with its folders. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AccountStack, changes, serviceOf } from "./account-stack";
import type { AwsClient } from "./emulator";
import { inventory } from "./inventory";
import { PretendedAccount } from "./pretended-account";

let account: PretendedAccount;
let aws: AwsClient;

before(async () => {
  account = await PretendedAccount.open();
  aws = account.aws;
});
after(() => account?.close());

/** File system and folder of the volume that the service's tasks mount. */
async function mounted(): Promise<{ fileSystem: string; folder: string }> {
  const { taskDefinition } = await serviceOf(aws, "store");
  const select = "taskDefinition.volumes[].efsVolumeConfiguration | [0]";
  const volume = await aws.call("ecs", "DescribeTaskDefinition", { taskDefinition }, select);
  const request = { AccessPointId: volume.authorizationConfig.accessPointId };
  const found = await aws.call("efs", "DescribeAccessPoints", request, "AccessPoints[0]");
  return { fileSystem: volume.fileSystemId, folder: found.RootDirectory.Path };
}

test("a kept file system", async (t) => {
  const stack = new AccountStack(account.emulator, "e2e-kept", "tests/aws/kept.ts", {});
  t.after(() => stack.close());
  const atFirst = await inventory(aws);
  await stack.go("up");
  const before = await mounted();

  await t.test("is all that a destroy leaves when it keeps the data", async () => {
    await stack.go("destroy", { keepData: true });
    const left = (await inventory(aws)).filter((one) => !atFirst.includes(one));
    assert.deepEqual(left, [`file system ${before.fileSystem}`]);
  });

  await t.test("is taken over by the next up, whose tasks mount the same folder", async () => {
    const { create, ...others } = changes(await stack.go("up"));
    assert.deepEqual(others, { import: 1 });
    assert.ok(create! > 50);
    assert.deepEqual(await mounted(), before);
  });

  await t.test("is part of the stack from then on", async () => {
    assert.deepEqual(changes(await stack.go("up")), {});
    assert.deepEqual(changes(await stack.go("refresh")), {});
    await stack.go("destroy");
    assert.deepEqual(await inventory(aws), atFirst);
  });
});
