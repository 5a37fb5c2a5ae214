import assert from "node:assert/strict";
import { test } from "node:test";
import { readStackSettings } from "./stack-settings";
import { FakeConfiguration } from "./testing";

function read(values: Record<string, string>) {
  const entries = Object.entries(values).map(([key, value]) => [`flotilla:${key}`, { value, secret: false }]);
  return readStackSettings(new FakeConfiguration(Object.fromEntries(entries)));
}

test("the address is the settings', else port 8080 of the loopback", () => {
  const loopback = (port: number) => ({ target: "docker", published: { host: "127.0.0.1", port } });
  assert.deepEqual(read({ target: "docker" }), loopback(8080));
  assert.deepEqual(read({ target: "docker", settings: '{"httpPort":81}' }), loopback(81));
  assert.deepEqual(read({ settings: '{"publishAddress":"0.0.0.0"}' }).published.host, "0.0.0.0");
});

test("a stack without configuration has no target", () => {
  assert.equal(read({}).target, undefined);
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
