import assert from "node:assert/strict";
import { test } from "node:test";
import { type CheckFailure, type Properties, UNKNOWN } from "../../provider";
import {
  asOutputs,
  atLeast,
  changedProperties,
  checkInputs,
  flag,
  labelSet,
  list,
  map,
  number,
  object,
  oneOf,
  type Schema,
  set,
  text,
} from "./schema";

const schema: Schema = {
  name: text({ required: true, replaces: true }),
  mode: text({ fallback: "bridge", refuse: oneOf("bridge", "host") }),
  size: number({ refuse: atLeast(0) }),
  quiet: flag({ fallback: false }),
  labels: labelSet(),
  command: list(text()),
  options: map(),
  check: object({ interval: text({ fallback: "0s" }), tests: list(text()) }),
  aliases: set(text()),
  gpus: text({ unsupported: true }),
  owner: text({ recent: true }),
};

function check(inputs: Properties, old?: Properties): { inputs: Properties; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  return { inputs: checkInputs(schema, old, inputs, failures), failures };
}

test("defaults are stored and named, at the top and in objects", () => {
  const given = { name: "a", check: { tests: ["CMD"] }, labels: [{ label: "k", value: "v" }] };
  assert.deepEqual(check(given), {
    failures: [],
    inputs: {
      __defaults: ["mode"],
      name: "a",
      mode: "bridge",
      check: { __defaults: ["interval"], interval: "0s", tests: ["CMD"] },
      labels: [{ __defaults: [], label: "k", value: "v" }],
    },
  });
});

test("a stored default stays what it was, a value that the program had given does not", () => {
  assert.equal(check({ name: "a" }, { __defaults: ["mode"], mode: "host" }).inputs.mode, "host");
  assert.equal(check({ name: "a" }, { __defaults: [], mode: "host" }).inputs.mode, "bridge");
});

test("values are converted as the plugin converts them", () => {
  const { inputs, failures } = check({ name: 5, size: "64", quiet: "true", options: { a: 1, b: true } });
  assert.deepEqual(failures, []);
  assert.deepEqual(
    [inputs.name, inputs.size, inputs.quiet, inputs.options],
    ["5", 64, true, { a: "1", b: "true" }],
  );
});

const REFUSED: [Properties, CheckFailure][] = [
  [{}, { property: "name", reason: "is missing: write a value for it" }],
  [
    { name: "a", nam: 1 },
    { property: "nam", reason: "is not a property of this resource type" },
  ],
  [
    { name: "a", size: "big" },
    { property: "size", reason: 'must be a number, got "big"' },
  ],
  [
    { name: "a", size: -1 },
    { property: "size", reason: "must be 0 or more, got -1" },
  ],
  [
    { name: "a", quiet: "yes" },
    { property: "quiet", reason: 'must be true or false, got "yes"' },
  ],
  [
    { name: "a", command: "ls" },
    { property: "command", reason: 'must be a list, got "ls"' },
  ],
  [
    { name: "a", options: ["x"] },
    { property: "options", reason: 'must be an object of strings, got ["x"]' },
  ],
  [
    { name: "a", mode: "x" },
    { property: "mode", reason: 'must be one of bridge, host, got "x"' },
  ],
  [
    { name: "a", labels: [{ label: "k" }] },
    { property: "labels[0].value", reason: "is missing: write a value for it" },
  ],
  [
    { name: "a", gpus: "all" },
    {
      property: "gpus",
      reason: "is not served by the embedded engine: leave it out, or deploy with the Pulumi CLI",
    },
  ],
];

for (const [given, failure] of REFUSED) {
  test(`${JSON.stringify(given)} is refused`, () => assert.deepEqual(check(given).failures, [failure]));
}

test("values that are not known yet pass", () => {
  const given = {
    name: UNKNOWN,
    size: UNKNOWN,
    labels: [UNKNOWN, { label: "k", value: UNKNOWN }],
    check: UNKNOWN,
  };
  const { inputs, failures } = check(given);
  assert.deepEqual(failures, []);
  assert.equal(inputs.size, UNKNOWN);
  assert.deepEqual(inputs.labels[1], { __defaults: [], label: "k", value: UNKNOWN });
});

const base: Properties = {
  name: "a",
  size: 1,
  command: ["a", "b"],
  aliases: ["x", "y"],
  check: { interval: "5s", tests: ["CMD"] },
};
const CHANGES: [string, Properties, string[]][] = [
  ["nothing", {}, []],
  ["empty values instead of none", { labels: [], options: {}, quiet: false, mode: "" }, []],
  ["another order of a set", { aliases: ["y", "x"] }, []],
  ["another order of a list", { command: ["b", "a"] }, ["command"]],
  ["lists of defaults", { check: { __defaults: ["interval"], tests: ["CMD"], interval: "5s" } }, []],
  ["a nested value", { check: { interval: "6s", tests: ["CMD"] } }, ["check"]],
  ["a value that is gone", { size: undefined }, ["size"]],
  ["a new value", { options: { a: "b" }, quiet: true }, ["quiet", "options"]],
  ["a nested value that is not known yet", { labels: [{ label: "k", value: UNKNOWN }] }, ["labels"]],
];

for (const [what, over, changed] of CHANGES) {
  test(`${what}: ${changed.join(", ") || "no change"}`, () =>
    assert.deepEqual(changedProperties(schema, base, { ...base, ...over }), changed));
}

test("a value that stays unknown is a change", () => {
  assert.deepEqual(changedProperties(schema, { name: UNKNOWN }, { name: UNKNOWN }), ["name"]);
});

test("outputs show every property, empty ones too", () => {
  const inputs = check({ name: "a", check: { tests: ["CMD"] } }).inputs;
  assert.deepEqual(asOutputs(schema, inputs), {
    name: "a",
    mode: "bridge",
    size: null,
    quiet: false,
    labels: [],
    command: [],
    options: null,
    check: { interval: "0s", tests: ["CMD"] },
    aliases: [],
    gpus: "",
  });
});
