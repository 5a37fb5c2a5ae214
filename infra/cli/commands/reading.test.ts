import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { runProgram } from "../program";
import { fakeContext, frame, inspected, partLabels } from "../testing";
import { commands } from "./table";

const replicas = {
  a: inspected("a", partLabels("users", 1, "main"), { Status: "running" }),
  b: inspected("b", partLabels("orders", 1, "main"), { Status: "running" }),
  c: inspected("c", partLabels("orders", 1, "register"), { Status: "running" }),
};

test("logs merges the main containers by time", async (t) => {
  const logs = {
    a: frame(1, "2026-01-01T10:00:00.000000002Z second\n2026-01-01T10:00:00.000000009Z last\n"),
    b: frame(1, "2026-01-01T10:00:00.000000001Z first\n2026-01-01T10:00:00.000000003Z third\n"),
    c: frame(1, "2026-01-01T10:00:00.000000004Z of a sidecar\n"),
  };
  const { context, output } = fakeContext(t, { containers: replicas, logs });
  assert.equal(await runProgram(commands, ["logs"], context), 0);
  assert.deepEqual(output.lines, [
    "orders/1 | first",
    "users/1  | second",
    "orders/1 | third",
    "users/1  | last",
  ]);
  output.text = "";
  assert.equal(await runProgram(commands, ["logs", "users"], context), 0);
  assert.deepEqual(output.lines, ["users/1 | second", "users/1 | last"]);
});

test("logs of what is not there is told with what is", async (t) => {
  const { context, errors } = fakeContext(t, { containers: replicas });
  assert.equal(await runProgram(commands, ["logs", "payments"], context), 1);
  assert.deepEqual(errors.lines, ['shop/dev has no service "payments" on Docker. It has orders, users.']);
  errors.text = "";
  assert.equal(await runProgram(commands, ["logs", "--lines", "all"], context), 2);
  assert.equal(errors.lines[0], '--lines must be a whole number, got "all".');
});

test("ps and logs of a stack that is down say so", async (t) => {
  const { context, output, errors } = fakeContext(t, {
    containers: { writer: inspected("writer", {}, { Status: "created" }) },
  });
  assert.equal(await runProgram(commands, ["ps"], context), 0);
  assert.deepEqual(output.lines, ["Nothing of shop/dev is on Docker."]);
  assert.equal(existsSync(path.join(context.machine.home, ".config")), false);
  assert.equal(await runProgram(commands, ["logs"], context), 1);
  assert.deepEqual(errors.lines, ["Nothing of shop/dev is on Docker."]);
});
