/**
 * Whatever is described: what is valid deploys in preview on every target, what is not is refused, and nothing crashes. The
 * same few each time; `descriptions.slow.test.ts` tries many more, by chance.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { accepted, changed, deployed, description, TARGETS } from "./descriptions";

for (const target of Object.keys(TARGETS)) {
  test(`valid descriptions deploy on ${target}`, async () => {
    const property = fc.asyncProperty(description, async (input) => {
      const architecture = accepted(input);
      assert(architecture !== undefined, JSON.stringify(input));
      assert((await deployed(target, architecture)) > 10);
    });
    await fc.assert(property, { numRuns: 1, seed: 7 });
  });
}

test("descriptions in which something was changed are valid still, or refused in our words", () => {
  let refused = 0;
  const property = fc.property(changed, (input) => {
    refused += accepted(input) === undefined ? 1 : 0;
  });
  void fc.assert(property, { numRuns: 80, seed: 7 });
  assert(refused > 25, `only ${refused} were refused`);
});
