import { test } from "node:test";
import { assertScenarios } from "../testing/graphs/assert-scenarios";

// Always the same ones; `graphs.slow.test.ts` plays many more, and others for each commit.
test("200 random programs and their edits keep every order, and come to what they say", () =>
  assertScenarios(200, 1));
