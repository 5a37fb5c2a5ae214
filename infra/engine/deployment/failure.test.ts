import assert from "node:assert/strict";
import { afterEach, beforeEach, suite, test } from "node:test";
import { type TestProgram, TestStack } from "../testing/test-stack";
import { secret } from "../wire/values";

let stack: TestStack;
beforeEach(() => {
  stack = new TestStack();
});
afterEach(() => stack.remove());

suite("failure", () => {
  const program =
    (fail?: string) =>
    async ({ thing }: TestProgram) => {
      const first = await thing("first");
      const second = await thing("second", { ...(fail ? { fail } : {}) }, { dependencies: [first.urn] });
      await thing("third", {}, { dependencies: [second.urn] });
    };

  test("of a create: what stands is kept, nothing is deleted, the next run goes on", async () => {
    await stack.up(async ({ thing }) => void (await thing("old")));
    await stack.up(program("create"));
    assert.deepEqual(stack.errors, ["second: quota exceeded for second"]);
    assert.deepEqual(stack.steps, ["create first", "failed create second"]);
    assert.deepEqual(
      [stack.storedThings(), stack.cloud.ids()],
      [
        ["first-2", "old-1"],
        ["first-2", "old-1"],
      ],
    );
    await stack.up(program());
    assert.deepEqual(stack.steps, ["create second", "create third", "delete old"]);
    assert.deepEqual(stack.stored().pending_operations, undefined);
  });

  test("of a check says what is wrong with which input", async () => {
    await stack.up(program("check"));
    assert.deepEqual(stack.errors, ["second: fail: must not be check"]);
  });

  test("of an update or a delete keeps the old record", async () => {
    await stack.up(program());
    await stack.up(program("update"));
    assert.deepEqual(stack.errors, ["second: cannot update second"]);
    assert.deepEqual(stack.storedThings(), ["first-1", "second-2", "third-3"]);
    stack.cloud.failDeletes = true;
    await stack.destroy();
    assert.deepEqual(stack.errors, ["third: cannot delete third"]);
    assert.deepEqual(stack.storedThings(), ["first-1", "second-2", "third-3"]);
  });

  test("after a create that made something: it is recorded, and the next run updates it", async () => {
    await stack.up(program("partial-create"));
    assert.deepEqual(stack.errors, ["second: second is not healthy"]);
    assert.deepEqual(stack.storedThings(), ["first-1", "second-2 unready"]);
    const resource = stack.stored().resources.at(-1);
    assert.deepEqual(resource.initErrors, ["second is not healthy"]);
    // the same inputs again, which the fake provider's update takes
    await stack.up(program("partial-create"));
    assert.deepEqual([stack.errors, stack.steps], [[], ["update second", "create third"]]);
    assert.deepEqual(stack.storedThings(), ["first-1", "second-2", "third-3"]);
  });

  test("after a create that made something: #initerror in replaceOnChanges has it replaced", async () => {
    const unhealthy = (fail: string) => async (run: TestProgram) => {
      await run.thing("first", { fail }, { replaceOnChanges: ["#initerror"] });
    };
    await stack.up(unhealthy("partial-create"));
    await stack.up(unhealthy("none"));
    assert.deepEqual(stack.steps, ["replace first", "delete-replaced first"]);
    await stack.up(unhealthy("other"));
    assert.deepEqual(stack.steps, ["update first"]);
  });

  test("tells no secret that an error quotes, and keeps none in the state", async () => {
    const password = secret('hunter2-"quoted"');
    await stack.up(async ({ thing }) => {
      await thing("first", { value: password, fail: "partial-create", quote: true });
    });
    const told = 'first is not healthy: {"value":"[secret]","fail":"partial-create","quote":true}';
    assert.deepEqual(stack.errors, [`first: ${told}`]);
    assert.deepEqual(stack.stored().resources.at(-1).initErrors, [told]);
    assert.doesNotMatch(JSON.stringify(stack.stored()), /hunter2/);
  });

  test("starts nothing new, lets running steps end", async () => {
    await stack.up(
      async ({ thing }) => {
        const running = thing("running", { waitFor: "failed" });
        const failing = thing("failing", { fail: "create" }).catch(() => stack.cloud.release("failed"));
        await Promise.allSettled([running, failing, thing("queued")]);
      },
      { parallel: 2 },
    );
    assert.deepEqual(stack.errors, ["failing: quota exceeded for failing"]);
    assert.deepEqual(stack.storedThings(), ["running-1"]);
  });

  test("Ctrl-C: running steps end and are saved, no new ones begin, nothing is deleted", async () => {
    await stack.up(async ({ thing }) => void (await thing("old")));
    const interruption = new AbortController();
    await stack.up(
      async ({ thing }) => {
        const running = thing("running", { waitFor: "interrupted" });
        await stack.cloud.entered("running");
        interruption.abort();
        stack.cloud.release("interrupted");
        await running;
        await thing("later").catch(() => undefined);
      },
      { signal: interruption.signal },
    );
    assert.deepEqual(stack.steps, ["create running"]);
    assert.deepEqual(stack.storedThings(), ["old-1", "running-2"]);
  });

  test("two resources of one name", async () => {
    await stack.up(async ({ thing }) => {
      await thing("first");
      await thing("first");
    });
    assert.deepEqual(stack.errors, [
      'first: The program makes two resources of type fake:index:Thing named "first". Give one another name.',
    ]);
  });
});
