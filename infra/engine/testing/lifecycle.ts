/**
 * The life of a small stack in four runs, which together have every kind of step.
 */
import { type TestStack, takes } from "./test-stack";

export type Run = "create" | "change" | "refresh" | "destroy";

export const RUNS: Record<Run, (stack: TestStack) => Promise<void>> = {
  create: (stack) =>
    stack.up(
      async ({ thing, group }) => {
        await group("group");
        const updated = await thing("updated", { value: 1 });
        const replaced = await thing("replaced", { immutable: 1 });
        await thing("dependent", { value: 1 }, takes("value", replaced));
        const exchanged = await thing("exchanged", { immutable: 1, deleteBeforeReplace: true });
        await thing("follower", { immutableReference: 1 }, takes("immutableReference", exchanged));
        await thing("gone", {}, takes("value", updated));
        await thing("former");
      },
      { parallel: 1 },
    ),

  /** Updates, replaces in both orders, with dependents, renames, makes and deletes. */
  change: (stack) =>
    stack.up(
      async ({ thing, group }) => {
        await group("group");
        await thing("updated", { value: 2 });
        const replaced = await thing("replaced", { immutable: 2 });
        await thing("dependent", { value: 2 }, takes("value", replaced));
        const exchanged = await thing("exchanged", { immutable: 2, deleteBeforeReplace: true });
        await thing("follower", { immutableReference: 2 }, takes("immutableReference", exchanged));
        const renamed = await thing(
          "renamed",
          {},
          { aliases: ["urn:pulumi:s::test::fake:index:Thing::former"] },
        );
        await thing("added", {}, takes("value", renamed));
      },
      { parallel: 1 },
    ),

  refresh: (stack) => stack.refresh({ parallel: 1 }),

  destroy: (stack) => stack.destroy({ parallel: 1 }),
};
