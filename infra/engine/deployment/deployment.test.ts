import assert from "node:assert/strict";
import { afterEach, beforeEach, suite, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { CallContext } from "../provider";
import { type TestProgram, TestStack, takes } from "../testing/test-stack";
import { secret } from "../wire/values";

let stack: TestStack;
beforeEach(() => {
  stack = new TestStack();
});
afterEach(() => stack.remove());

suite("an ordinary run", () => {
  const chain =
    (value: number, withSecond = true) =>
    async ({ thing }: TestProgram) => {
      const first = await thing("first", { value });
      if (withSecond) await thing("second", { value: first.outputs.arn }, takes("value", first));
    };

  test("creates, leaves alone, updates, deletes what the program dropped, destroys", async () => {
    await stack.up(chain(1));
    assert.deepEqual(stack.steps, ["create first", "create second"]);
    assert.deepEqual(stack.storedThings(), ["first-1", "second-2"]);
    await stack.up(chain(1));
    assert.deepEqual([stack.steps, stack.cloud.calls], [[], []]);
    await stack.up(chain(2));
    assert.deepEqual([stack.steps, stack.cloud.calls], [["update first"], ["update first-1"]]);
    await stack.up(chain(2, false));
    assert.deepEqual(stack.steps, ["delete second"]);
    assert.deepEqual([stack.storedThings(), stack.cloud.ids()], [["first-1"], ["first-1"]]);
    await stack.destroy();
    assert.deepEqual([stack.stored().resources, stack.cloud.ids()], [undefined, []]);
  });

  test("a preview makes nothing, stores nothing, and plans the same steps", async () => {
    await stack.up(chain(1), { preview: true });
    assert.deepEqual([stack.steps, stack.cloud.ids()], [["create first", "create second"], []]);
    assert.throws(() => stack.stored(), { code: "ENOENT" });
    await stack.up(chain(1));
    await stack.up(async ({ thing }) => void (await thing("first", { immutable: 1 })), { preview: true });
    assert.deepEqual(stack.steps, ["replace first", "delete second", "delete-replaced first"]);
    assert.deepEqual(stack.storedThings(), ["first-1", "second-2"]);
  });

  test("deletes dependents first and parents last", async () => {
    await stack.up(async ({ thing, group }) => {
      const parent = await group("group");
      const first = await thing("first", {}, { parent: parent.urn });
      const second = await thing("second", {}, takes("value", first));
      await thing("third", {}, { dependencies: [second.urn] });
    });
    await stack.destroy({ parallel: 1 });
    assert.deepEqual(stack.steps, ["delete third", "delete second", "delete first", "delete group"]);
  });

  test("runs independent steps at once, up to the limit", async () => {
    const most = async (parallel: number) => {
      stack.cloud.mostAtOnce = 0;
      await stack.up(
        async ({ thing }) => {
          await Promise.all([..."abcdef"].map((name) => thing(`${name}${parallel}`)));
        },
        { parallel },
      );
      return stack.cloud.mostAtOnce;
    };
    assert.deepEqual([await most(6), await most(2)], [6, 2]);
  });
});

suite("replacement", () => {
  test("creates first; dependents follow; the old ones go at the end, dependents of them first", async () => {
    const program =
      (immutable: number) =>
      async ({ thing }: TestProgram) => {
        const first = await thing("first", { immutable });
        const second = await thing(
          "second",
          { immutableReference: first.id },
          takes("immutableReference", first),
        );
        await thing("third", { value: second.id }, takes("value", second));
      };
    await stack.up(program(1));
    await stack.up(program(2));
    assert.deepEqual(stack.cloud.calls, [
      ...["create first-4", "create second-5", "update third-3"],
      ...["delete second-2", "delete first-1"],
    ]);
    assert.deepEqual(stack.storedThings(), ["first-4", "second-5", "third-3"]);
  });

  const deleteFirst =
    (immutable: number, options = {}, inputs = {}) =>
    async ({ thing }: TestProgram) => {
      const first = await thing("first", { immutable, ...inputs }, options);
      const second = await thing(
        "second",
        { immutableReference: first.id },
        takes("immutableReference", first),
      );
      await thing("third", { value: second.id }, takes("value", second));
      await thing("fourth", {}, { dependencies: [first.urn] });
    };

  for (const [how, options, inputs] of [
    ["the provider", {}, { deleteBeforeReplace: true }],
    ["the program", { deleteBeforeReplace: true }, {}],
  ] as const) {
    test(`deletes first when ${how} asks, with just the dependents that it would replace`, async () => {
      await stack.up(deleteFirst(1, options, inputs));
      await stack.up(deleteFirst(2, options, inputs));
      assert.deepEqual(stack.cloud.calls, [
        ...["delete second-2", "delete first-1"],
        ...["create first-5", "create second-6", "update third-3"],
      ]);
      assert.deepEqual(stack.storedThings(), ["first-5", "fourth-4", "second-6", "third-3"]);
    });
  }

  /** `first` is deleted before it is made anew, while `second` once took its id, and now is asked for at `moment`. */
  const meanwhile = async (moment: "diff" | "delete") => {
    const programs = (immutable: number, before?: Promise<void>) => async (run: TestProgram) => {
      const first = run.thing("first", { immutable }, { deleteBeforeReplace: true });
      await (before ?? first);
      const taken = before ? {} : takes("immutableReference", await first);
      await Promise.all([first, run.thing("second", { immutableReference: "first-1" }, taken)]);
    };
    await stack.up(programs(1));
    const { cloud } = stack;
    const isAsked = new Promise<void>((ask) => {
      const real: (...args: unknown[]) => Promise<unknown> = cloud[moment].bind(cloud) as never;
      cloud[moment] = (async (context: CallContext, ...args: unknown[]) => {
        if (context.name === "second") {
          ask();
          await setImmediate();
        }
        return real(context, ...args);
      }) as never;
    });
    await stack.up(programs(2, isAsked));
    return [stack.cloud.calls, stack.storedThings(), stack.cloud.ids()];
  };

  test("leaves a dependent that the program asks for before it is doomed", async () => {
    const both = ["first-3", "second-2"];
    assert.deepEqual(await meanwhile("diff"), [["delete first-1", "create first-3"], both, both]);
  });

  test("makes a dependent anew that the program asks for while it is deleted", async () => {
    const [calls, stored, there] = await meanwhile("delete");
    assert.deepEqual(calls.slice(0, 2), ["delete second-2", "delete first-1"]);
    assert.deepEqual([calls.length, stored], [4, there]);
    assert.deepEqual(
      there.map((id) => id.split("-")[0]),
      ["first", "second"],
    );
  });

  test("the program's deleteBeforeReplace: false goes before the provider's wish", async () => {
    const inputs = { deleteBeforeReplace: true };
    const options = { deleteBeforeReplace: false };
    await stack.up(async ({ thing }) => void (await thing("first", { ...inputs, immutable: 1 }, options)));
    await stack.up(async ({ thing }) => void (await thing("first", { ...inputs, immutable: 2 }, options)));
    assert.deepEqual(stack.cloud.calls, ["create first-2", "delete first-1"]);
  });

  test("replaceOnChanges makes an update a replacement", async () => {
    const program = (value: number) => async (run: TestProgram) => {
      await run.thing("first", { value }, { replaceOnChanges: ["value"] });
    };
    await stack.up(program(1));
    await stack.up(program(2));
    assert.deepEqual(stack.steps, ["replace first", "delete-replaced first"]);
  });

  test("what failed between delete and create is made by the next run", async () => {
    await stack.up(deleteFirst(1, { deleteBeforeReplace: true }));
    await stack.up(deleteFirst(2, { deleteBeforeReplace: true }, { fail: "create" }));
    assert.deepEqual(stack.errors, ["first: quota exceeded for first"]);
    assert.deepEqual(stack.storedThings(), ["first-1 pending", "fourth-4", "second-2 pending", "third-3"]);
    await stack.up(deleteFirst(2, { deleteBeforeReplace: true }));
    assert.deepEqual(stack.cloud.calls, ["create first-5", "create second-6", "update third-3"]);
    assert.deepEqual(stack.storedThings(), ["first-5", "fourth-4", "second-6", "third-3"]);
  });
});

suite("options", () => {
  test("ignoreChanges keeps the old value at the path", async () => {
    const program = (value: object) => async (run: TestProgram) => {
      await run.thing("first", { value }, { ignoreChanges: ["value.a"] });
    };
    await stack.up(program({ a: 1, b: 1 }));
    await stack.up(program({ a: 2, b: 1 }));
    assert.deepEqual(stack.steps, []);
    await stack.up(program({ a: 2, b: 2 }));
    assert.deepEqual(stack.stored().resources.at(-1).inputs, { value: { a: 1, b: 2 } });
  });

  test("protect refuses replacement and deletion until it is off", async () => {
    const program = (immutable: number, protect: boolean) => async (run: TestProgram) => {
      await run.thing("first", { immutable }, { protect });
    };
    await stack.up(program(1, true));
    await stack.up(program(2, true));
    assert.deepEqual(stack.errors, [
      "first: A change of immutable would replace it, and it is protected. Take `protect` off it and run up first.",
    ]);
    await stack.destroy();
    assert.deepEqual(stack.errors, [
      "first: It is protected. Take `protect` off it and run up before you remove it.",
    ]);
    assert.deepEqual(stack.cloud.ids(), ["first-1"]);
    await stack.up(program(1, false));
    await stack.destroy();
    assert.deepEqual([stack.errors, stack.cloud.ids()], [[], []]);
  });

  test("retainOnDelete forgets and leaves it there", async () => {
    await stack.up(async ({ thing }) => void (await thing("first", {}, { retainOnDelete: true })));
    await stack.up(async () => {});
    assert.deepEqual(
      [stack.steps, stack.cloud.ids(), stack.storedThings()],
      [["retain first"], ["first-1"], []],
    );
  });

  test("aliases: a renamed parent, a renamed resource, nothing made anew", async () => {
    await stack.up(async ({ thing, group }) => {
      const parent = await group("old");
      const first = await thing("first", {}, { parent: parent.urn });
      await thing("second", { value: 1 }, takes("value", first));
      await thing("dropped", {}, takes("value", first));
    });
    const alias = { type: "", stack: "", project: "", parent: "", noParent: false };
    await stack.up(async ({ thing, group }) => {
      const parent = await group("new", { aliases: [{ ...alias, name: "old" }] });
      const first = await thing("first", {}, { parent: parent.urn });
      const second = { ...takes("value", first), aliases: [{ ...alias, name: "second" }] };
      await thing("renamed", { value: 1 }, second);
    });
    assert.deepEqual([stack.errors, stack.steps], [[], ["delete dropped"]]);
    assert.deepEqual(
      stack.stored().resources.map(({ urn }: { urn: string }) => urn.split("::").slice(2).join(" ")),
      [
        "pulumi:pulumi:Stack test-s",
        "fake:index:Group new",
        "pulumi:providers:fake default",
        "fake:index:Group$fake:index:Thing first",
        "fake:index:Thing renamed",
      ],
    );
  });

  test("customTimeouts abort the call's signal", async () => {
    await stack.up(async ({ thing }) => {
      await thing("first", { fail: "wait-for-abort" }, { customTimeouts: { create: 0.01 } });
    });
    assert.deepEqual(stack.errors, ["first: The operation was aborted due to timeout"]);
  });
});

suite("secrets", () => {
  test("stay secret wherever the provider puts them, and are never plain on disk", async () => {
    const program = async ({ thing }: TestProgram) => {
      const made = await thing(
        "first",
        { value: secret("hunter2-hunter2"), list: ["x", secret("swordfish")] },
        { additionalSecretOutputs: ["password"] },
      );
      assert.deepEqual(made.outputs.echo, secret("echo-hunter2-hunter2"));
    };
    await stack.up(program);
    const text = JSON.stringify(stack.stored());
    for (const word of ["hunter2", "swordfish", "password-of-"]) assert.ok(!text.includes(word), word);
    const sealed = () => stack.stored().resources.at(-1).inputs.value.ciphertext;
    const before = sealed();
    await stack.up(program);
    assert.deepEqual([stack.steps, sealed()], [[], before]);
  });
});

suite("refresh", () => {
  test("takes over what changed, and drops what is gone", async () => {
    await stack.up(async ({ thing }) => {
      const first = await thing("first", { value: 1 });
      const second = await thing("second", { value: 2 }, takes("value", first));
      await thing("third", { value: 3 }, { ...takes("value", second), parent: second.urn });
    });
    stack.cloud.tamper((objects) => {
      objects["first-1"].inputs.value = 10;
      delete objects["second-2"];
    });
    await stack.refresh();
    assert.deepEqual([...stack.steps].sort(), ["delete second", "update first"]);
    const [first, third] = stack.stored().resources.slice(-2);
    assert.deepEqual([first.inputs, first.outputs.echo], [{ value: 10 }, "echo-10"]);
    assert.deepEqual([third.id, third.dependencies, third.parent], ["third-3", undefined, undefined]);
  });
});
