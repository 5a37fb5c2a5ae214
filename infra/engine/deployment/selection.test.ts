import assert from "node:assert/strict";
import { afterEach, beforeEach, suite, test } from "node:test";
import { type TestProgram, TestStack, takes } from "../testing/test-stack";

let stack: TestStack;
beforeEach(() => {
  stack = new TestStack();
});
afterEach(() => stack.remove());

const urn = (name: string) => `urn:pulumi:s::test::fake:index:Thing::${name}`;

/** A chain of three and one beside it. */
const chain =
  (value: number, without: string[] = []) =>
  async ({ thing }: TestProgram) => {
    const wanted = (name: string) => !without.includes(name);
    const first = await thing("first", { value });
    const second = wanted("second")
      ? await thing("second", { value, from: first.id }, takes("from", first))
      : first;
    if (wanted("third")) await thing("third", { value }, { dependencies: [second.urn] });
    if (wanted("beside")) await thing("beside", { value });
  };

suite("targets", () => {
  test("of an up: only they change, and what depends on them when asked for", async () => {
    await stack.up(chain(1));
    await stack.up(chain(2), { selection: { targets: [urn("second")] } });
    assert.deepEqual([stack.errors, stack.steps], [[], ["update second"]]);
    await stack.up(chain(3), { selection: { targets: [urn("second")], targetDependents: true } });
    assert.deepEqual(stack.steps, ["update second", "update third"]);
    assert.deepEqual(
      stack
        .stored()
        .resources.slice(2)
        .map(({ inputs }: { inputs: { value: number } }) => inputs.value),
      [1, 3, 3, 1],
    );
  });

  test("match by *, within one part of the URN, and by **, anywhere", async () => {
    await stack.up(chain(1));
    await stack.up(chain(2), { selection: { targets: [urn("*e*")] } });
    assert.deepEqual(stack.steps, ["update second", "update beside"]);
    await stack.up(chain(3), { selection: { targets: ["**ir*"] } });
    assert.deepEqual(stack.steps, ["update first", "update third"]);
  });

  test("a new resource that is none is not made, and what needs it is told so", async () => {
    await stack.up(chain(1, ["second", "third"]));
    await stack.up(chain(1), { selection: { targets: [urn("beside")] } });
    assert.deepEqual([stack.errors, stack.steps], [[], []]);
    assert.deepEqual(stack.storedThings(), ["beside-2", "first-1"]);
    await stack.up(chain(1), { selection: { targets: [urn("third")] } });
    assert.deepEqual(stack.errors, [
      `third: It depends on ${urn("second")}, which this run does not make. Add that to the targets, or take it out of the excludes.`,
    ]);
  });

  test("what the program dropped goes only when it is one; what stays keeps what it depends on", async () => {
    await stack.up(chain(1));
    const withoutSecond = async ({ thing }: TestProgram) => {
      await thing("first", { value: 2 });
      await thing("third", { value: 2 });
    };
    await stack.up(withoutSecond, { selection: { targets: [urn("first")] } });
    assert.deepEqual([stack.errors, stack.steps], [[], ["update first"]]);
    assert.deepEqual(stack.storedThings(), ["beside-4", "first-1", "second-2", "third-3"]);
    await stack.up(withoutSecond, { selection: { targets: [urn("beside")] } });
    assert.deepEqual([stack.errors, stack.steps], [[], ["delete beside"]]);
  });

  test("of a destroy: dependents have to be named, or asked for", async () => {
    await stack.up(chain(1));
    await stack.destroy({ selection: { targets: [urn("second")] } });
    assert.deepEqual(stack.errors, [
      "third: It depends on a target, and is none itself. Name it, too, or say that dependents are meant.",
    ]);
    assert.deepEqual(stack.cloud.calls, []);
    await stack.destroy({ selection: { targets: [urn("second")], targetDependents: true } });
    assert.deepEqual(stack.steps, ["delete third", "delete second"]);
    assert.deepEqual(stack.storedThings(), ["beside-4", "first-1"]);
  });

  test("of a refresh", async () => {
    await stack.up(chain(1));
    stack.cloud.tamper((objects) => {
      for (const { inputs } of Object.values(objects)) inputs.value = 5;
    });
    await stack.refresh({ selection: { targets: [urn("first")] } });
    assert.deepEqual(stack.steps, ["update first"]);
    await stack.refresh({ selection: { excludes: [urn("second"), urn("third")] } });
    assert.deepEqual(stack.steps, ["update beside"]);
  });
});

suite("excludes", () => {
  test("of an up: they stay, and what depends on them when asked for", async () => {
    await stack.up(chain(1));
    await stack.up(chain(2), { selection: { excludes: [urn("second")] } });
    assert.deepEqual(stack.steps, ["update first", "update third", "update beside"]);
    await stack.up(chain(3), { selection: { excludes: [urn("second")], excludeDependents: true } });
    assert.deepEqual(stack.steps, ["update first", "update beside"]);
  });

  test("of a destroy: what they depend on stays, too", async () => {
    await stack.up(chain(1));
    await stack.destroy({ selection: { excludes: [urn("second")] } });
    assert.deepEqual([stack.errors, stack.steps.sort()], [[], ["delete beside", "delete third"]]);
    assert.deepEqual(stack.storedThings(), ["first-1", "second-2"]);
  });

  test("beside targets are refused", async () => {
    const selection = { targets: ["a"], excludes: ["b"] };
    await assert.rejects(stack.up(chain(1), { selection }), {
      message: "targets and excludes cannot be given together. Leave one of them out.",
    });
  });
});

test("replace makes anew what is unchanged", async () => {
  await stack.up(chain(1));
  await stack.up(chain(1), { selection: { replace: [urn("beside")] } });
  assert.deepEqual(stack.steps, ["replace beside", "delete-replaced beside"]);
  assert.deepEqual(stack.storedThings(), ["beside-5", "first-1", "second-2", "third-3"]);
});
