import assert from "node:assert/strict";
import { test } from "node:test";
import { BuildOutput, buildOptions } from "./build";

test("only what is given reaches the builder, and intermediate containers always go", () => {
  const build = {
    context: ".",
    buildArgs: { A: "1" },
    labels: { k: "v" },
    label: { l: "w" },
    target: "final",
  };
  assert.deepEqual(buildOptions(build, "linux/amd64"), {
    buildargs: { A: "1" },
    forcerm: true,
    labels: { k: "v", l: "w" },
    platform: "linux/amd64",
    rm: true,
    target: "final",
    version: "1",
  });
});

test("the build's own platform goes before the image's; names are given when it has ended", () => {
  const options = buildOptions({ tags: ["a:2"], platform: "linux/arm64", remove: false }, "linux/amd64");
  assert.deepEqual([options.t, options.platform, options.rm], [undefined, "linux/arm64", false]);
});

test("what was built is the last image that the builder named", () => {
  const output = new BuildOutput();
  assert.throws(() => output.imageId, /^Error: the builder did not say which image it has built$/);
  output.take({ aux: { ID: "sha256:stage" } });
  output.take({ aux: { ID: "sha256:final" } });
  output.take({ stream: "Successfully built 123456789abc\n" });
  assert.equal(output.imageId, "sha256:final");
});

test("steps are told when they begin", () => {
  const output = new BuildOutput();
  assert.equal(output.take({ stream: "Step 4/9 : RUN npm ci\n" }), "step 4/9 RUN npm ci");
  assert.equal(output.take({ stream: " ---> Running in 1234\n" }), undefined);
  assert.equal(output.take({ stream: "\n" }), undefined);
  assert.equal(output.error, undefined);
});

test("a failure has the step and the last 20 lines", () => {
  const output = new BuildOutput();
  output.take({ stream: "Step 1/1 : RUN false" });
  for (let line = 1; line <= 30; line += 1) output.take({ stream: `line ${line}\n` });
  output.take({ error: "short", errorDetail: { message: "returned a non-zero code: 1" } });
  const lines = output.failure().split("\n");
  assert.equal(lines[0], " in step 1/1 RUN false: returned a non-zero code: 1");
  assert.equal(lines[1], "  end of its output:");
  assert.deepEqual([lines[2], lines.at(-1), lines.length], ["    line 11", "    line 30", 22]);
});
