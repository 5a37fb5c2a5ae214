/** As `descriptions.mocks.test.ts`, with many more descriptions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { accepted, changed, deployed, description, TARGETS } from "./descriptions";

const RUNS = 15;

// A gate says the same of the same tree each time.
const SEED = 7;

for (const target of Object.keys(TARGETS)) {
  test(`valid descriptions deploy on ${target}`, async () => {
    const property = fc.asyncProperty(description, async (input) => {
      await deployed(target, accepted(input)!);
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });

  test(`changed descriptions that are still valid deploy on ${target}`, async () => {
    let valid = 0;
    const property = fc.asyncProperty(changed, async (input) => {
      const architecture = accepted(input);
      if (architecture !== undefined) {
        valid++;
        await deployed(target, architecture);
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
    assert(valid > 0);
  });
}

test("changed descriptions are valid still, or refused in our words", () => {
  const property = fc.property(changed, (input) => void accepted(input));
  void fc.assert(property, { numRuns: 2000, seed: SEED });
});
