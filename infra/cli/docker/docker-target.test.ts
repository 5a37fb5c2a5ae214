import assert from "node:assert/strict";
import { test } from "node:test";
import { publishedAddress } from "./docker-target";

test("the address is the settings', else port 8080 of the loopback", () => {
  assert.deepEqual(publishedAddress({}), { host: "127.0.0.1", port: 8080 });
  assert.deepEqual(publishedAddress({ httpPort: 81 }), { host: "127.0.0.1", port: 81 });
  assert.deepEqual(publishedAddress({ publishAddress: "0.0.0.0" }).host, "0.0.0.0");
});

for (const port of ["81", 0, 65536, 80.5]) {
  test(`refuses the port ${JSON.stringify(port)}`, () => {
    assert.throws(() => publishedAddress({ httpPort: port }), {
      message: `flotilla:settings.httpPort must be a whole number from 1 to 65535, got ${JSON.stringify(port)}.`,
    });
  });
}
