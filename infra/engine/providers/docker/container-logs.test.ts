import assert from "node:assert/strict";
import { test } from "node:test";
import { plainLog } from "./container-logs";

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(text.length, 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

test("the frames of a log are taken off", () => {
  assert.equal(plainLog(Buffer.concat([frame(1, "out\n"), frame(2, "error\n")]), false), "out\nerror\n");
});

test("the log of a terminal has no frames", () => {
  assert.equal(plainLog(Buffer.from("as it is\n"), true), "as it is\n");
});

test("a log that was cut short is shown as far as it goes", () => {
  assert.equal(plainLog(Buffer.concat([frame(1, "out\n"), Buffer.from([1, 0, 0])]), false), "out\n");
});
