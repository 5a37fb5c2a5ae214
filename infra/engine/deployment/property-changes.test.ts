import assert from "node:assert/strict";
import { test } from "node:test";
import { UNKNOWN } from "../provider";
import { secret } from "../wire/values";
import { propertyChanges } from "./property-changes";

test("each property that differs is told by its own path, with both values", () => {
  const old = {
    image: "a",
    ports: [{ internal: 1 }, { internal: 2 }],
    labels: { "a.b": "1", gone: "x" },
    same: 1,
  };
  const next = {
    image: "b",
    ports: [{ internal: 1 }, { internal: 3 }],
    labels: { "a.b": "2" },
    same: 1,
    more: [1],
  };
  assert.deepEqual(propertyChanges(old, next), [
    { path: "image", kind: "update", old: "a", new: "b" },
    { path: "ports[1].internal", kind: "update", old: 2, new: 3 },
    { path: 'labels["a.b"]', kind: "update", old: "1", new: "2" },
    { path: "labels.gone", kind: "delete", old: "x" },
    { path: "more", kind: "add", new: [1] },
  ]);
});

test("what asks for a new resource is told so, also below the key that the provider names", () => {
  const old = { a: { b: 1 }, c: 1 };
  const next = { a: { b: 2 }, c: 2, d: 1 };
  const kinds = (replaceKeys: string[]) =>
    propertyChanges(old, next, { replaceKeys }).map(({ path, kind }) => `${path} ${kind}`);
  assert.deepEqual(kinds(["a", "d"]), ["a.b update-replace", "c update", "d add-replace"]);
  assert.deepEqual(kinds(["*"]), ["a.b update-replace", "c update-replace", "d add-replace"]);
});

test("secrets are masked at every depth, and what is not known yet is named so", () => {
  const old = { token: secret("old"), nested: { list: [secret("one"), "two"] } };
  const next = { token: secret("new"), nested: { list: ["two"] }, id: UNKNOWN };
  assert.deepEqual(propertyChanges(old, next), [
    { path: "token", kind: "update", old: "[secret]", new: "[secret]" },
    { path: "nested.list[0]", kind: "update", old: "[secret]", new: "two" },
    { path: "nested.list[1]", kind: "delete", old: "two" },
    { path: "id", kind: "add", new: "[unknown]" },
  ]);
});

test("a change that only the provider sees is told by its key; the engine's own notes never", () => {
  const properties = { __defaults: [1], digest: "x" };
  assert.deepEqual(
    propertyChanges(
      properties,
      { ...properties, __defaults: [2] },
      { changedKeys: ["digest", "#initerror"] },
    ),
    [{ path: "digest", kind: "update", old: "x", new: "x" }],
  );
});
