import assert from "node:assert/strict";
import { test } from "node:test";
import { RunError } from "@pulumi/pulumi/errors";
import { Problems } from "./problems";

test("a problem says where, what rule, which value and what to write instead", () => {
  const problems = new Problems('Gateway "edge"');
  problems.add("routes[1].path", 'must start with "/"', "orders", 'Write "/orders".');
  assert.deepEqual(problems.messages, [
    'Gateway "edge": routes[1].path must start with "/", got "orders". Write "/orders".',
  ]);
});

test("every kind of value is shown as it was written", () => {
  const problems = new Problems("It");
  for (const got of [undefined, 1.5, Number.NaN, "a", ["a"], { a: 1 }]) {
    problems.add("x", "is odd", got, "No.");
  }
  assert.deepEqual(problems.messages, [
    "It: x is odd, got nothing. No.",
    "It: x is odd, got 1.5. No.",
    "It: x is odd, got NaN. No.",
    'It: x is odd, got "a". No.',
    'It: x is odd, got ["a"]. No.',
    'It: x is odd, got {"a":1}. No.',
  ]);
});

test("all problems, included ones too, are thrown at once, as an error without a stack for the user", () => {
  const problems = new Problems("It");
  problems.throwIfAny();
  const other = new Problems("Other");
  other.add("b", "is odd", 2, "No.");
  problems.add("a", "is odd", 1, "No.");
  problems.include(other, "part");
  assert.throws(
    () => problems.throwIfAny(),
    (error) =>
      RunError.isInstance(error) &&
      error.message === "It: a is odd, got 1. No.\nIt: part.b is odd, got 2. No.",
  );
});
