/**
 * A run that is killed at one of its points: `killed-run.ts FOLDER RUN NUMBER [RESOURCES]`, where a state of so many
 * resources is a journal. A run that comes to its end prints the points.
 */
import { KillPoints } from "./kill-points";
import { RUNS, type Run } from "./lifecycle";
import { TestStack } from "./test-stack";

const [, , directory, run, killAt, journaledResources] = process.argv;
const points = new KillPoints(Number(killAt));
const stack = new TestStack(directory);
if (journaledResources) stack.journaledResources = Number(journaledResources);
points.watchFiles();
RUNS[run as Run](stack).then(() => {
  if (stack.errors.length > 0) throw new Error(stack.errors.join("\n"));
  process.stdout.write(JSON.stringify(points.passed));
});
