import assert from "node:assert/strict";
import { mock, type TestContext, test } from "node:test";
import type { EngineEvent, Operation } from "../../engine/events";
import { Terminal } from "../terminal";
import { Recorder } from "../testing";
import { openDisplay } from "./display";
import { countChanges, summarize } from "./operations";

const urn = (name: string) => `urn:pulumi:dev::shop::a:b:C$docker:index/container:Container::${name}`;

function step(operation: Operation, name: string) {
  return { operation, urn: urn(name), type: "docker:index/container:Container", name };
}

const started = (operation: Operation, name: string): EngineEvent => ({
  kind: "step-started",
  ...step(operation, name),
});

const finished = (operation: Operation, name: string, durationMs: number): EngineEvent => ({
  kind: "step-finished",
  ...step(operation, name),
  durationMs,
  changedKeys: [],
  changes: [],
});

const failed = (name: string, message: string): EngineEvent => ({
  kind: "step-failed",
  ...step("create", name),
  durationMs: 60_200,
  message,
});

function open(t: TestContext, output: Recorder, environment: NodeJS.ProcessEnv = {}, tense?: "toDo") {
  mock.timers.enable({ apis: ["Date", "setInterval", "setTimeout"] });
  t.after(() => mock.timers.reset());
  const terminal = new Terminal(output, new Recorder(), environment);
  const display = openDisplay(terminal, "Updating shop/dev", tense ?? "done");
  t.after(() => display.close());
  return display;
}

test("plain: a line for each finished change, none for what stays the same", (t) => {
  const output = new Recorder();
  const display = open(t, output);
  display.show(started("same", "network"));
  display.show(finished("same", "network", 3));
  display.show(started("create", "users-1-main"));
  display.show(started("delete-replaced", "users-2-main"));
  display.show(finished("create", "users-1-main", 3210));
  display.show(finished("delete-replaced", "users-2-main", 83_000));
  display.show(finished("replace", "forwarder", 12_300));
  assert.deepEqual(output.lines, [
    "Updating shop/dev",
    " + docker:Container users-1-main created (3.2 s)",
    " - docker:Container users-2-main old deleted (1 min 23 s)",
    "+- docker:Container forwarder replaced (12 s)",
  ]);
});

test("plain: a failure and its diagnostic are told once", (t) => {
  const output = new Recorder();
  const display = open(t, output);
  const message = "container is unhealthy\nlast log lines:\n  boom";
  display.show({ kind: "diagnostic", severity: "warning", message: "nothing scales yet" });
  display.show({ kind: "diagnostic", severity: "warning", message: "nothing scales yet" });
  display.show(started("create", "users"));
  display.show(failed("users", message));
  display.show({ kind: "diagnostic", severity: "error", urn: urn("users"), message: `${message}\n` });
  display.show({ kind: "diagnostic", severity: "error", urn: urn("orders"), message: "no such image" });
  display.show(failed("orders", "no such image"));
  assert.deepEqual(output.lines, [
    "Updating shop/dev",
    "warning: nothing scales yet",
    " ✗ docker:Container users: creating failed after 1 min 0 s",
    `     ${urn("users")}`,
    "     container is unhealthy",
    "     last log lines:",
    "       boom",
    "error: docker:Container orders: no such image",
    " ✗ docker:Container orders: creating failed after 1 min 0 s",
    `     ${urn("orders")}`,
  ]);
});

test("plain: after ten seconds of silence, then each thirty, a line names what runs, until the display closes", (t) => {
  const output = new Recorder();
  const display = open(t, output);
  mock.timers.tick(10_000);
  assert.deepEqual(output.lines, ["Updating shop/dev"]);
  display.show(started("create", "agent-image"));
  mock.timers.tick(5_000);
  display.show(started("update", "users-1-main"));
  display.show({ kind: "step-progress", urn: urn("agent-image"), message: "Step 3/9\nmore" });
  mock.timers.tick(5_000);
  mock.timers.tick(29_000);
  display.show(finished("create", "network", 100));
  mock.timers.tick(9_000);
  assert.deepEqual(output.lines.slice(1), [
    "   … creating agent-image (10 s, Step 3/9), updating users-1-main (5.0 s)",
    " + docker:Container network created (0.1 s)",
  ]);
  mock.timers.tick(1_000);
  display.show(finished("update", "users-1-main", 44_000));
  mock.timers.tick(10_000);
  mock.timers.tick(30_000);
  display.close();
  mock.timers.tick(60_000);
  assert.deepEqual(output.lines.slice(3), [
    "   … creating agent-image (49 s, Step 3/9), updating users-1-main (44 s)",
    " ~ docker:Container users-1-main updated (44 s)",
    "   … creating agent-image (59 s, Step 3/9)",
    "   … creating agent-image (1 min 29 s, Step 3/9)",
  ]);
});

test("plain: a sign of life is one line, of the three steps that run longest", (t) => {
  const output = new Recorder();
  const display = open(t, output);
  for (const name of ["a", "b", "c", "d", "e"]) {
    display.show(started("create", name));
  }
  mock.timers.tick(10_000);
  display.show({ kind: "step-progress", urn: urn("a"), message: `RUN ${"x".repeat(100)}` });
  mock.timers.tick(30_000);
  assert.deepEqual(output.lines.slice(1), [
    "   … creating a (10 s), creating b (10 s), creating c (10 s) and 2 more",
    `   … creating a (40 s, RUN ${"x".repeat(41)}… and 2 more`,
  ]);
});

test("plain: a preview's steps are not told one by one", (t) => {
  const output = new Recorder();
  const display = open(t, output, {}, "toDo");
  display.show(finished("create", "users", 0));
  assert.deepEqual(output.lines, ["Updating shop/dev"]);
});

/** The pictures on a terminal, one after the other, without what shows and hides the cursor. */
function pictures(output: Recorder): string[] {
  const visible = output.text.replaceAll("\u001b[?25l", "").replaceAll("\u001b[?25h", "");
  const erased = "\r\u001b[J";
  return visible.split(erased).map((text) => text.replace(cursorUp, ""));
}

/** What moves to the first line of the picture before, at the end of a picture. */
const cursorUp = new RegExp(`${String.fromCharCode(27)}\\[\\d+A$`);

test("live: running steps with their times, the finished as counts, a failure above", (t) => {
  const output = new Recorder(true, 52);
  const display = open(t, output, { NO_COLOR: "1" });
  display.show(finished("create", "network", 10));
  display.show(finished("same", "volume", 10));
  display.show(started("create", "agent-image"));
  mock.timers.tick(120);
  assert.equal(
    pictures(output).at(-1),
    "⠙ Updating shop/dev  0.1 s  1 created, 1 unchanged\n   + docker:Container agent-image  0.1 s\n",
  );
  display.show({ kind: "step-progress", urn: urn("agent-image"), message: "RUN go build ./... and so on" });
  mock.timers.tick(120);
  assert.equal(
    pictures(output).at(-1),
    "⠹ Updating shop/dev  0.2 s  1 created, 1 unchanged\n   + docker:Container agent-image  0.2 s  RUN go b…\n",
  );
  display.show(failed("agent-image", "no space"));
  assert.equal(
    pictures(output).at(-1),
    ` ✗ docker:Container agent-image: creating failed after 1 min 0 s\n     ${urn("agent-image")}\n     no space\n` +
      "⠹ Updating shop/dev  0.2 s  1 created, 1 unchanged…\n",
  );
  display.close();
  display.close();
  assert.equal(pictures(output).at(-1), "");
  assert.equal(output.text.endsWith("\u001b[1A\r\u001b[J\u001b[?25h"), true);
});

test("live: running steps are a tree, under the components that they belong to", (t) => {
  const output = new Recorder(true, 80);
  const display = open(t, output, { NO_COLOR: "1" });
  const users = "urn:pulumi:dev::shop::flotilla:index:Microservice::users";
  display.show({ ...started("create", "users-1"), parent: users } as EngineEvent);
  display.show({
    ...started("create", "network"),
    parent: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
  } as EngineEvent);
  mock.timers.tick(1_080);
  display.show({ ...started("update", "users-2"), parent: users } as EngineEvent);
  mock.timers.tick(120);
  assert.deepEqual(pictures(output).at(-1)!.split("\n").slice(1, -1), [
    "   + docker:Container network  1.2 s",
    "     flotilla:Microservice users",
    "       + docker:Container users-1  1.2 s",
    "       ~ docker:Container users-2  0.1 s",
  ]);
  display.close();
});

test("live: what does not fit below each other is counted", (t) => {
  const output = new Recorder(true, 80, 7);
  const display = open(t, output, { NO_COLOR: "1" });
  for (const name of ["a", "b", "c", "d"]) {
    display.show(started("delete", name));
  }
  mock.timers.tick(120);
  assert.equal(
    pictures(output).at(-1),
    "⠙ Updating shop/dev  0.1 s\n   - docker:Container a  0.1 s\n   - docker:Container b  0.1 s\n     … and 2 more\n",
  );
});

test("in CI a terminal gets plain lines, in colour", (t) => {
  const output = new Recorder(true);
  const display = open(t, output, { CI: "true" });
  display.show(finished("create", "users", 100));
  assert.deepEqual(output.lines, [
    "Updating shop/dev",
    "\u001b[32m +\u001b[0m docker:Container users created (0.1 s)",
  ]);
});

test("counts are told in both tenses, and no change is said aloud", () => {
  assert.equal(summarize({ same: 34, read: 1 }, "done"), "0 changes, 34 unchanged, 1 read");
  assert.equal(summarize({}, "toDo"), "0 changes");
  const counts = { same: 3, replace: 2, create: 1, "delete-replaced": 2 };
  assert.equal(summarize(counts, "toDo"), "1 to create, 2 to replace, 2 old to delete, 3 unchanged");
  assert.equal(countChanges(counts), 5);
});
