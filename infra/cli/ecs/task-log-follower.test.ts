import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogLine } from "../targets/target";
import { TaskLogFollower } from "./task-log-follower";
import type { TaskPart } from "./task-parts";

const part = (id: string, role = "main") => ({ id, role, workload: "users" }) as TaskPart;
const line = (text: string): LogLine => ({ at: "2026-01-01T10:00:00.000000000Z", text });

test("following tells each line once, begins with those of the past, and finds containers that start later", async () => {
  const parts = [part("old"), part("side", "agent-register")];
  const written: Record<string, string[]> = { old: ["past", "one"], new: ["first"] };
  const limits: (number | undefined)[] = [];
  const abort = new AbortController();
  const told: string[] = [];
  const follower = new TaskLogFollower(
    {
      parts: async () => parts,
      // As CloudWatch: the latest lines where no place is given, and a place to go on from; none before the first line.
      linesAfter: async ({ id }, token, limit) => {
        limits.push(limit);
        const all = written[id]!;
        const lines = all.slice(token === undefined ? -(limit ?? all.length) : Number(token));
        return { lines: lines.map(line), token: all.length === 0 ? undefined : String(all.length) };
      },
    },
    {
      lines: 1,
      signal: abort.signal,
      wanted: ({ role }) => role === "main",
      onLine: ({ id }, { text }) => {
        told.push(`${id} ${text}`);
        if (text === "one") {
          written.old!.push("two");
          parts.push(part("new"));
        }
        if (text === "first") abort.abort();
      },
    },
  );
  await follower.run();
  assert.deepEqual(told, ["old one", "old two", "new first"]);
  assert.equal(limits[0], 1);
  assert.deepEqual([...new Set(limits.slice(1))], [undefined]);
});
