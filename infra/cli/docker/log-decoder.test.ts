import assert from "node:assert/strict";
import { test } from "node:test";
import { frame } from "../testing";
import { LogDecoder } from "./log-decoder";

const at = "2026-01-01T10:00:00.000000001Z";

test("lines are put together from frames, whatever the chunks", () => {
  const bytes = Buffer.concat([
    frame(1, `${at} hel`),
    frame(2, `${at} oops\n`),
    frame(1, "lo wörld\r\n"),
    frame(1, `${at} end`),
  ]);
  const decoder = new LogDecoder(false);
  const lines = [...bytes].flatMap((byte) => decoder.push(Buffer.from([byte])));
  assert.deepEqual(lines, [
    { at, text: "oops" },
    { at, text: "hello wörld" },
  ]);
  assert.deepEqual(decoder.end(), [{ at, text: "end" }]);
  assert.deepEqual(decoder.end(), []);
});

test("a container with a terminal has no frames", () => {
  const decoder = new LogDecoder(true);
  assert.deepEqual(decoder.push(Buffer.from(`${at} a\r\n${at} \r\n`)), [
    { at, text: "a" },
    { at, text: "" },
  ]);
});
