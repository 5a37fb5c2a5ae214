/**
 * The life of a small stack in four runs, which together have every kind of step.
 */
import { KillPoints } from "./kill-points";
import { type TestStack, takes } from "./test-stack";

export type Run = "create" | "change" | "refresh" | "destroy";

/** Four runs, and what a process needs for them. */
export interface Lifecycle {
  runs: Record<Run, (stack: TestStack) => Promise<void>>;
  /** Gives a stack its providers. */
  prepare(stack: TestStack): void;
  /** Says where a process may be killed. */
  points(killAt: number): KillPoints;
}

export const RUNS: Lifecycle["runs"] = {
  create: (stack) =>
    stack.up(
      async ({ thing, group }) => {
        await group("group");
        const updated = await thing("updated", { value: 1 });
        const replaced = await thing("replaced", { immutable: 1 });
        await thing("dependent", { value: 1 }, takes("value", replaced));
        const exchanged = await thing("exchanged", {
          immutable: 1,
          deleteBeforeReplace: true,
          exclusive: true,
        });
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
        const exchanged = await thing("exchanged", {
          immutable: 2,
          deleteBeforeReplace: true,
          exclusive: true,
        });
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

export const lifecycle: Lifecycle = {
  runs: RUNS,
  prepare: () => undefined,
  points(killAt) {
    const points = new KillPoints(killAt);
    points.watchFiles();
    return points;
  },
};

/** Requests that change something, and the moments at which the state is replaced. */
const CHANGES_OF_SERVER_OR_STATE = /^(answer to )?(POST|DELETE|PUT|PATCH) |^rename .*\.json\.tmp/;

/** The life of a stack on a server, killed around the requests to that as well: it is made as version 1, and changed to 2. */
export function lifecycleOnServer(
  up: (stack: TestStack, version: 1 | 2) => Promise<void>,
  prepare: Lifecycle["prepare"],
): Lifecycle {
  return {
    runs: { ...RUNS, create: (stack) => up(stack, 1), change: (stack) => up(stack, 2) },
    prepare,
    points(killAt) {
      const points = new KillPoints(killAt, CHANGES_OF_SERVER_OR_STATE);
      points.watchFiles();
      points.watchRequests();
      return points;
    },
  };
}
