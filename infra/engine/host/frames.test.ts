import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { receive, send } from "./frames.cjs";

const MESSAGES = [
  [1, "path", ["text", null, Number.NaN, [["key", true]]]],
  [],
  "ä".repeat(100_000),
  Buffer.from([0, 255]),
];

async function written(): Promise<Buffer> {
  const stream = new PassThrough();
  for (const message of MESSAGES) send(stream, message);
  stream.end();
  return buffer(stream);
}

for (const piece of [1, 3, 4096, 1_000_000]) {
  test(`messages arrive as they were sent, in pieces of ${piece} bytes`, async () => {
    const bytes = await written();
    const stream = new PassThrough();
    const arrived: unknown[] = [];
    receive(stream, (message) => arrived.push(message));
    for (let at = 0; at < bytes.length; at += piece) stream.write(bytes.subarray(at, at + piece));
    stream.end();
    await new Promise((resolve) => stream.once("end", resolve));
    assert.deepEqual(arrived, MESSAGES);
  });
}
