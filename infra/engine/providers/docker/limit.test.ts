import assert from "node:assert/strict";
import { test } from "node:test";
import { Limit } from "./limit";

test("no more than the limit run at once, the others in order, also after a failure", async () => {
  const limit = new Limit(2);
  const events: string[] = [];
  const finish: Record<string, (failure?: Error) => void> = {};
  const task = (name: string) => () =>
    new Promise<void>((resolve, reject) => {
      events.push(`${name} runs`);
      finish[name] = (failure) => (failure ? reject(failure) : resolve());
    });
  const run = (name: string) => limit.run(task(name), () => events.push(`${name} waits`));
  const [a, b, c, d] = [run("a"), run("b"), run("c"), run("d")];
  assert.deepEqual(events, ["a runs", "b runs", "c waits", "d waits"]);
  finish.a(new Error("no"));
  await assert.rejects(a, { message: "no" });
  assert.deepEqual(events.slice(4), ["c runs"]);
  finish.b();
  await b;
  assert.deepEqual(events.slice(5), ["d runs"]);
  finish.c();
  finish.d();
  await Promise.all([c, d]);
  const last = limit.run(async () => "free again");
  assert.equal(await last, "free again");
});
