import assert from "node:assert/strict";
import { test } from "node:test";
import { Steps } from "./steps.js";

function recorder(isTTY: boolean) {
  const stream = { text: "", isTTY, columns: 40, write: (text: string) => (stream.text += text) };
  return stream;
}

/** A clock that moves on by 1.5 s each time it is read. */
function clock() {
  let milliseconds = 0;
  return () => (milliseconds += 1500);
}

test("A step is two plain lines where there is no terminal", async () => {
  const stream = recorder(false);
  assert.equal(await new Steps(stream, {}, clock()).run("Install Docker", () => 7), 7);
  assert.equal(stream.text, "Install Docker …\nInstall Docker: done in 1.5 s\n");
});

test("A failed step says so and passes the error on", async () => {
  const stream = recorder(false);
  const failing = new Steps(stream, {}, clock()).run("Start Docker", () => {
    throw new Error("no");
  });
  await assert.rejects(failing, { message: "no" });
  assert.equal(stream.text, "Start Docker …\nStart Docker: failed after 1.5 s\n");
});

test("A terminal in CI, or one that cannot move its cursor, gets plain lines", async () => {
  for (const environment of [{ CI: "true" }, { TERM: "dumb" }]) {
    const stream = recorder(true);
    await new Steps(stream, environment, clock()).run("a", () => undefined);
    assert.equal(stream.text, "a …\na: done in 1.5 s\n");
  }
});

test("A terminal gets a spinner with the running steps, then one line for each", async () => {
  const stream = recorder(true);
  await new Steps(stream, {}, clock()).run("Build", () => undefined);
  assert.equal(
    stream.text,
    "\r\x1b[K\x1b[36m⠋\x1b[0m Build 1.5 s\r\x1b[K\x1b[32m✔\x1b[0m Build \x1b[2m3.0 s\x1b[0m\n",
  );
});

test("NO_COLOR leaves the colours out", async () => {
  const stream = recorder(true);
  await new Steps(stream, { NO_COLOR: "1" }, clock()).run("Build", () => undefined);
  assert.equal(stream.text, "\r\x1b[K⠋ Build 1.5 s\r\x1b[K✔ Build 3.0 s\n");
});

test("Steps at the same time share the spinner's line, which never wraps", async () => {
  const stream = recorder(true);
  const steps = new Steps(stream, { NO_COLOR: "1" }, () => 0);
  await steps.run("Build the first image", () => steps.run("Build the second image", () => undefined));
  const lines = stream.text.split("\r\x1b[K").slice(1);
  assert.deepEqual(lines, [
    "⠋ Build the first image 0.0 s",
    "⠙ Build the first image 0.0 s · Build t",
    "✔ Build the second image 0.0 s\n",
    "⠹ Build the first image 0.0 s",
    "✔ Build the first image 0.0 s\n",
  ]);
});
