import { test } from "node:test";
import { assertScenarios } from "../testing/graphs/assert-scenarios";

test("10,000 random programs and their edits keep every order, and come to what they say", () =>
  assertScenarios(10_000, Date.now() % 2 ** 31));
