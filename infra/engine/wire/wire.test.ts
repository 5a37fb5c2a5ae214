import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { UNKNOWN } from "../provider";
import { changedAt, ignoreChanges, parsePath } from "./paths";
import { markSecrets } from "./secrecy";
import {
  changedKeys,
  clean,
  equal,
  flattenOutputs,
  hasUnknown,
  OUTPUT,
  plain,
  RESOURCE_REFERENCE,
  SIGNATURE,
  secret,
} from "./values";

const output = (more: object) => ({ [SIGNATURE]: OUTPUT, ...more });

suite("values", () => {
  test("a provider sees them without marks", () => {
    const reference = { [SIGNATURE]: RESOURCE_REFERENCE, urn: "u" };
    const asset = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text: "x" };
    assert.deepEqual(
      plain({
        s: secret([1]),
        known: output({ value: 2, secret: true }),
        open: output({}),
        component: reference,
        asset,
      }),
      { s: [1], known: 2, open: UNKNOWN, component: "u", asset },
    );
    assert.deepEqual(
      plain([
        { ...reference, id: "7" },
        { ...reference, id: "" },
      ]),
      ["7", UNKNOWN],
    );
  });

  test("outputs become plain values, secrets and unknowns", () => {
    const value = { a: output({ value: "x", secret: true }), b: [output({ value: 1 })], c: output({}) };
    assert.deepEqual(flattenOutputs(value), { a: secret("x"), b: [1], c: UNKNOWN });
    assert.deepEqual([hasUnknown(value), hasUnknown({ a: [1] })], [true, false]);
  });

  test("equality takes what is missing for null", () => {
    assert.equal(equal({ a: 1, b: null }, { a: 1 }), true);
    assert.equal(equal([1, 2], { 0: 1, 1: 2 }), false);
    assert.deepEqual(changedKeys({ a: secret(1), b: 1, c: 1 }, { a: 1, b: 2 }), ["b", "c"]);
    assert.deepEqual(clean({ a: undefined, b: [undefined], c: () => 1 }), { b: [null] });
  });
});

suite("markSecrets", () => {
  test("by name, by text and by key", () => {
    const inputs = { token: secret("hunter2-hunter2"), nested: { a: secret(1), b: 2 } };
    const outputs = {
      ...{ token: "hunter2-hunter2", url: "http://hunter2-hunter2@host", list: ["x", "hunter2-hunter2"] },
      ...{ nested: { a: 1, b: 2 }, generated: "g", other: "hunter" },
    };
    assert.deepEqual(markSecrets(outputs, inputs, ["generated", "missing"]), {
      token: secret("hunter2-hunter2"),
      url: secret("http://hunter2-hunter2@host"),
      list: secret(["x", "hunter2-hunter2"]),
      nested: { a: secret(1), b: 2 },
      generated: secret("g"),
      other: "hunter",
    });
  });

  test("also in the copy of the inputs that a provider keeps among its outputs", () => {
    const inputs = { data: secret({ pin: "123" }), kind: "Secret" };
    const outputs = { data: { pin: "123" }, __inputs: { data: { pin: "123" }, kind: "Secret" } };
    assert.deepEqual(markSecrets(outputs, inputs, []), {
      data: secret({ pin: "123" }),
      __inputs: { data: secret({ pin: "123" }), kind: "Secret" },
    });
  });

  test("also where an output shows it in base64 or JSON, and where one secret output shows in another", () => {
    const auth = Buffer.from("user:hunter2-hunter2").toString("base64");
    const outputs = {
      ...{
        dockerConfig: JSON.stringify({ auth }),
        user: "user",
        quoted: JSON.stringify({ a: 'hunter"2-hunter' }),
      },
      ...{ generated: "made-by-provider", url: "http://made-by-provider@host" },
    };
    const inputs = { token: secret("hunter2-hunter2"), other: secret('hunter"2-hunter') };
    assert.deepEqual(markSecrets(outputs, inputs, ["generated"]), {
      ...{ dockerConfig: secret(outputs.dockerConfig), user: "user", quoted: secret(outputs.quoted) },
      ...{ generated: secret("made-by-provider"), url: secret(outputs.url) },
    });
  });

  test("a short secret marks its own place only", () => {
    assert.deepEqual(markSecrets({ a: "on", b: "on" }, { a: secret("on") }, []), {
      a: secret("on"),
      b: "on",
    });
  });
});

suite("paths", () => {
  test("are read in all their forms", () => {
    assert.deepEqual(parsePath('a.b[0]["c.d"].*'), ["a", "b", "0", "c.d", "*"]);
  });

  test("ignoreChanges copies old values, also into secrets and by wildcard", () => {
    const old = { a: { x: 1 }, s: secret({ k: "old" }), gone: 1 };
    const next = { a: { x: 2, y: 2 }, s: secret({ k: "new" }), added: 1 };
    assert.deepEqual(ignoreChanges(next, old, ["a.x", "s.k", "gone", "added"]), {
      ...{ a: { x: 1, y: 2 }, s: secret({ k: "old" }), gone: 1 },
    });
    assert.deepEqual(ignoreChanges({ a: 2, b: 2 }, { a: 1 }, ["*"]), { a: 1 });
  });

  test("changedAt looks below the path", () => {
    assert.equal(changedAt({ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, "a[0].b"), true);
    assert.equal(changedAt({ a: [{ b: 1 }], c: 1 }, { a: [{ b: 1 }], c: 2 }, "a[*].b"), false);
    assert.equal(changedAt({ a: 1 }, { a: 2 }, "*"), true);
  });
});
