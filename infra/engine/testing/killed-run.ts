/**
 * A run that is killed at one of its points: `killed-run.ts MODULE FOLDER RUN NUMBER [RESOURCES]`, where MODULE exports a
 * `lifecycle` and a state of so many resources is a journal. A run that comes to its end prints the points.
 */
import type { Lifecycle, Run } from "./lifecycle";
import { TestStack } from "./test-stack";

const [, , module_, directory, run, killAt, journaledResources] = process.argv;
const { lifecycle }: { lifecycle: Lifecycle } = require(module_);
const stack = new TestStack(directory);
if (journaledResources) stack.journaledResources = Number(journaledResources);
lifecycle.prepare(stack);
const points = lifecycle.points(Number(killAt));
lifecycle.runs[run as Run](stack).then(() => {
  if (stack.errors.length > 0) throw new Error(stack.errors.join("\n"));
  process.stdout.write(JSON.stringify(points.passed));
});
