import assert from "node:assert/strict";
import { mock, type TestContext, test } from "node:test";
import { Interruption } from "./interruption";

function start(t: TestContext) {
  mock.timers.enable({ apis: ["Date"] });
  t.after(() => mock.timers.reset());
  const told: string[] = [];
  return { told, interruption: new Interruption(() => told.push("end")) };
}

test("Ctrl-C ends at once while nothing cooperates", (t) => {
  const { told, interruption } = start(t);
  interruption.receive("SIGINT");
  assert.deepEqual(told, ["end"]);
});

test("the first Ctrl-C aborts, the second ends; the echo that npm sends is none", (t) => {
  const { told, interruption } = start(t);
  const signal = interruption.cooperate(() => told.push("announced"));
  interruption.receive("SIGINT");
  mock.timers.tick(20);
  interruption.receive("SIGINT");
  assert.deepEqual(told, ["announced"]);
  assert.equal(signal.aborted, true);
  assert.equal(signal.reason, "SIGINT");
  mock.timers.tick(1000);
  interruption.receive("SIGINT");
  assert.deepEqual(told, ["announced", "end"]);
});
