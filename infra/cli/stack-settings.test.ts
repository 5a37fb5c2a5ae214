import assert from "node:assert/strict";
import { test } from "node:test";
import { readStackSettings } from "./stack-settings";
import { FakeConfiguration } from "./testing";

function read(values: Record<string, string>) {
  const entries = Object.entries(values).map(([key, value]) => [`flotilla:${key}`, { value, secret: false }]);
  return readStackSettings(new FakeConfiguration(Object.fromEntries(entries)));
}

test("the target and its settings are read, and may both be missing", () => {
  const written = read({ target: "docker", settings: '{"httpPort":81}' });
  assert.deepEqual(written, { target: "docker", settings: { httpPort: 81 } });
  assert.deepEqual(read({}), { target: undefined, settings: {} });
});

for (const settings of ["8080", "[1]", "null", "httpPort=80"]) {
  test(`refuses the settings ${settings}`, () => {
    assert.throws(() => read({ settings }), {
      message: `flotilla:settings must be an object, got ${settings}. Write for example {httpPort: 8080}.`,
    });
  });
}
