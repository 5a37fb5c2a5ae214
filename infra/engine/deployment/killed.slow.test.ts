import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import * as path from "node:path";
import { after, before, suite, test } from "node:test";
import { RUNS, type Run } from "../testing/lifecycle";
import { TestStack } from "../testing/test-stack";
import { NEVER, runUntil } from "../testing/walk";

const MODULE = path.join(__dirname, "..", "testing", "lifecycle.ts");
let root: string;

before(() => {
  root = mkdtempSync(path.join(tmpdir(), "flotilla-killed-"));
});
after(() => rmSync(root, { recursive: true }));

function copy(stack: TestStack, name: string): TestStack {
  const directory = path.join(root, name);
  cpSync(stack.directory, directory, { recursive: true });
  const same = new TestStack(directory);
  same.journaledResources = stack.journaledResources;
  return same;
}

/** All that a stack has come to, but for ids and times. */
function endOf(stack: TestStack) {
  const neutral = (value: unknown) =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UUID")
        .replaceAll(/\b([a-z]+)-\d+\b/g, "$1-N")
        .replaceAll(/"(created|modified)":"[^"]*"/g, '"$1":"T"'),
    );
  const byUrn = (one: { urn: string }, other: { urn: string }) => one.urn.localeCompare(other.urn);
  const { resources = [], pending_operations } = stack.stored();
  const { checkpointFile, lockDirectory } = stack.layout;
  return {
    cloud: neutral(stack.cloud.objects().map(({ urn, inputs }) => ({ urn, inputs }))).sort(byUrn),
    resources: neutral(resources).sort(byUrn),
    pending_operations,
    locks: readdirSync(lockDirectory),
    files: readdirSync(path.dirname(checkpointFile)).filter((name) => !name.endsWith(".bak")),
  };
}

/** Holds that a run leaves what it is expected to, and that nothing is left to do for it then. */
async function bringsAbout(stack: TestStack, run: Run, end: unknown, where: string): Promise<void> {
  await RUNS[run](stack);
  assert.deepEqual([stack.errors, endOf(stack)], [[], end], where);
  await RUNS[run](stack);
  assert.deepEqual([stack.errors, stack.steps, stack.cloud.calls], [[], [], []], `${where}, once more`);
  stack.remove();
}

/** Something has changed one thing and deleted another. */
function drift({ cloud }: TestStack): void {
  cloud.tamper((objects) => {
    for (const id of Object.keys(objects)) {
      if (id.startsWith("gone")) delete objects[id];
      if (id.startsWith("updated")) objects[id].inputs.value = "drifted";
    }
  });
}

/** What is under way, the runs before it, and whichever runs may come next. */
const CASES: { run: Run; previous: Run[]; next: Run[]; journaledResources?: number }[] = [
  { run: "create", previous: [], next: ["create", "destroy"] },
  { run: "change", previous: ["create"], next: ["change", "create", "destroy"] },
  { run: "refresh", previous: ["create"], next: ["refresh", "destroy"] },
  { run: "destroy", previous: ["create"], next: ["destroy", "create"] },
  { run: "create", previous: [], next: ["create"], journaledResources: 5 },
  { run: "change", previous: ["create"], next: ["change", "destroy"], journaledResources: 5 },
];

for (const { run, previous, next, journaledResources } of CASES) {
  const written = journaledResources ? ", with a journal" : "";
  suite(`a run that is killed in the middle of ${run}${written}`, () => {
    test(`leaves what the next can go on from, be it ${next.join(" or ")}`, async () => {
      const start = new TestStack(path.join(root, `${run}${journaledResources}-start`));
      start.journaledResources = journaledResources;
      for (const each of previous) await RUNS[each](start);
      if (run === "refresh") drift(start);

      const ends = new Map<Run, unknown>();
      let points: string[] = [];
      for (const each of next) {
        const undisturbed = copy(start, `${run}${journaledResources}-${each}`);
        const passed = (await runUntil(MODULE, undisturbed, each, NEVER)) ?? [];
        if (each === run) points = passed;
        ends.set(each, endOf(undisturbed));
      }
      assert.ok(points.length > 10);

      const remaining = points.entries();
      const walk = async () => {
        for (const [killAt, point] of remaining) {
          const where = `killed at ${killAt}, ${point}`;
          const killed = copy(start, `${run}${journaledResources}-${killAt}`);
          assert.equal(await runUntil(MODULE, killed, run, killAt), undefined, where);
          for (const each of next) {
            const stack = copy(killed, `${run}${journaledResources}-${killAt}-${each}`);
            // One that goes on may be killed, too.
            if (each === next[killAt % 4]) await runUntil(MODULE, stack, each, (killAt * 7) % points.length);
            await bringsAbout(stack, each, ends.get(each), `${where}, then ${each}`);
          }
          killed.remove();
        }
      };
      await Promise.all(Array.from({ length: availableParallelism() }, walk));
    });
  });
}
