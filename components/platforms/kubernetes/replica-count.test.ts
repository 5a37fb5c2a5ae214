import assert from "node:assert/strict";
import { test } from "node:test";
import type { Output } from "@pulumi/pulumi";
import type { Replicas } from "../../platform";
import { ReplicaCount } from "./replica-count";

function known<T>(output: Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

test("without a policy the description's number holds: the minimum of a range, and at least one", async () => {
  const cases: [Replicas, number][] = [
    [1, 1],
    [3, 3],
    [{ min: 2, max: 5 }, 2],
    [{ min: 0, max: 5 }, 1],
  ];
  for (const [replicas, count] of cases) {
    assert.equal(await known(new ReplicaCount("users", replicas).value), count);
  }
});

test("a policy that the program makes after the workload owns the number", async () => {
  const count = new ReplicaCount("users", { min: 2, max: 5 });
  count.leaveTo("users");
  assert.equal(await known(count.value), undefined);
});

test("two policies would each set a number of their own", () => {
  const count = new ReplicaCount("users", { min: 2, max: 5 });
  count.leaveTo("by-cpu");
  assert.throws(() => count.leaveTo("by-queue"), {
    message:
      'AutoscalingPolicy "by-queue": "users" is already scaled by "by-cpu". Put all metrics into one policy.',
  });
});

test("a policy that comes when the number was told already is refused", async () => {
  const count = new ReplicaCount("users", { min: 2, max: 5 });
  await known(count.value);
  assert.throws(() => count.leaveTo("late"), {
    message:
      'AutoscalingPolicy "late": comes too late: the number of replicas of "users" is already decided. Make it in the same step as its target, before any await.',
  });
});
