import assert from "node:assert/strict";
import * as fs from "node:fs";
import { names, type Recorder } from "./recorder";

/** The graph of what a program registers, a line for each resource: its type and name, in whom it is, and what it waits for. */
export function graphOf({ resources }: Recorder): string {
  const lines = resources.map(({ type, name, parent, dependsOn }) => {
    const after = [...new Set(names(dependsOn))];
    return `${type} ${name} | in ${names([parent]).join() || "the stack"} | after ${after.join(" ") || "nothing"}`;
  });
  return `${lines.sort().join("\n")}\n`;
}

/** Fails where a text is another one than the file has; with UPDATE_SNAPSHOTS set, the file has it from then on. */
export function assertSnapshot(file: string, text: string): void {
  if (process.env.UPDATE_SNAPSHOTS !== undefined) fs.writeFileSync(file, text);
  const hint = `If that is meant, run this test with UPDATE_SNAPSHOTS=1 and look at what changes in ${file}.`;
  const [expected, actual] = [fs.readFileSync(file, "utf8"), text].map((one) => one.split("\n"));
  const missing = expected!.filter((line) => !actual!.includes(line)).map((line) => `- ${line}`);
  const added = actual!.filter((line) => !expected!.includes(line)).map((line) => `+ ${line}`);
  assert.equal([...missing, ...added].join("\n"), "", hint);
}
