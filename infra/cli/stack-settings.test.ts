import assert from "node:assert/strict";
import { test } from "node:test";
import { readStackSettings } from "./stack-settings";
import { FakeConfiguration } from "./testing";

function read(values: Record<string, string>) {
  const entries = Object.entries(values).map(([key, value]) => [`flotilla:${key}`, { value, secret: false }]);
  return readStackSettings(new FakeConfiguration(Object.fromEntries(entries)));
}

test("the port is the setting's, else 8080", () => {
  assert.deepEqual(read({ target: "docker" }), { target: "docker", httpPort: 8080 });
  assert.deepEqual(read({ target: "docker", settings: '{"httpPort":81}' }), {
    target: "docker",
    httpPort: 81,
  });
});

test("a stack without configuration has no target", () => {
  assert.deepEqual(read({}), { target: undefined, httpPort: 8080 });
});

for (const port of ['"81"', "0", "65536", "80.5"]) {
  test(`refuses the port ${port}`, () => {
    assert.throws(() => read({ settings: `{"httpPort":${port}}` }), {
      message: `flotilla:settings.httpPort must be a whole number from 1 to 65535, got ${port}.`,
    });
  });
}

for (const settings of ["8080", "[1]", "null", "httpPort=80"]) {
  test(`refuses the settings ${settings}`, () => {
    assert.throws(() => read({ settings }), {
      message: `flotilla:settings must be an object, got ${settings}. Write for example {httpPort: 8080}.`,
    });
  });
}
