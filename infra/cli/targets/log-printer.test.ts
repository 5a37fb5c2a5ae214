import assert from "node:assert/strict";
import { test } from "node:test";
import { Terminal } from "../terminal";
import { Recorder } from "../testing";
import { LogPrinter } from "./log-printer";
import type { Part } from "./target";

const at = "2026-01-01T10:00:00.000000001Z";

const part = (workload: string, replica: string): Part => ({
  ...{ id: `${workload}${replica}`, name: "", role: "main", ports: [] },
  ...{ state: "running", condition: "fine" },
  workload,
  replica,
});

test("lines stand behind their replica, in the colour of their workload", () => {
  const output = new Recorder(true);
  const parts = [part("orders", "1"), part("users", "1"), part("users", "2")];
  const printer = new LogPrinter(new Terminal(output, new Recorder(), {}), parts);
  printer.print(parts[2]!, { at, text: "ready" });
  printer.print(parts[0]!, { at, text: "" });
  assert.deepEqual(output.lines, ["\u001b[32musers/2  |\u001b[0m ready", "\u001b[36morders/1 |\u001b[0m "]);
});
