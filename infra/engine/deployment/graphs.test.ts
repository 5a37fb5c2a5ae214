import { test } from "node:test";
import * as fc from "fast-check";
import { rehearse } from "../testing/graphs/rehearsal";
import { scenarios } from "../testing/graphs/programs";

test("random programs and their edits keep every order, and come to what they say", async () => {
  await fc.assert(fc.asyncProperty(scenarios, rehearse), { numRuns: Number(process.env.RUNS ?? 300), seed: process.env.SEED ? Number(process.env.SEED) : 1 });
});
