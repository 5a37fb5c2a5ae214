/**
 * A run that a test kills in the middle of a create: `crashing-run.ts FOLDER before|after`.
 */
import { TestStack } from "./test-stack";

const [, , directory, crash] = process.argv;

void new TestStack(directory).up(async ({ thing }) => {
  await thing("first");
  await thing("second", { crash });
});
