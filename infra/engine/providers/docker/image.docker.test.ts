import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import type { Properties } from "../../provider";
import { Fixture, TYPES } from "./testing";

test("images on a real daemon", async (suite) => {
  const opened = await Fixture.open();
  if ("skip" in opened) return suite.skip(opened.skip);
  const { fixture } = opened;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "image-"));
  const write = (file: string, content: string) => fs.writeFileSync(path.join(folder, file), content);
  const labels = Object.fromEntries(fixture.labels().map(({ label, value }) => [label, value]));
  const name = (tag: string) => `flotilla-test/built-${fixture.run}:${tag}`;
  const build = (over: Properties = {}) => ({ context: folder, labels, ...over });
  const exists = (reference: string) =>
    fixture.docker
      .getImage(reference)
      .inspect()
      .then(
        () => true,
        () => false,
      );

  write(
    "Dockerfile",
    `FROM ${fixture.image} AS build
ARG GREETING=none
RUN echo "$GREETING $(cat /context/word)" > /made || true
COPY word /word
RUN echo "$GREETING $(cat /word)" > /made
FROM ${fixture.image}
COPY --from=build /made /made
CMD ["/bin/cat", "/made"]
`,
  );
  write("word", "world");

  await suite.test(
    "is built with arguments and labels, told step by step, unchanged, and deleted",
    async () => {
      const image = await fixture.make(TYPES.image, "image", {
        name: name("a"),
        build: build({ buildArgs: { GREETING: "hello" } }),
      });
      assert.equal(image.id, `${image.outputs.imageId}${name("a")}`);
      assert.ok(fixture.said.includes("step 4/9 COPY word /word"), fixture.said.join("\n"));
      const { Config, Id } = await fixture.docker.getImage(name("a")).inspect();
      assert.equal(Id, image.outputs.imageId);
      assert.deepEqual(Config.Labels, labels);
      assert.equal(await fixture.output([], { image: name("a") }), "hello world\n");
      assert.deepEqual((await fixture.read(image))?.outputs, image.outputs);
      await fixture.remove(image);
      assert.equal(await exists(name("a")), false);
      assert.equal(await fixture.read(image), undefined);
    },
  );

  await suite.test("a rebuilt name belongs to the new image when the old one goes", async () => {
    const given = (trigger: string) => ({
      name: name("same"),
      build: build({ buildArgs: { GREETING: trigger } }),
      triggers: { trigger },
    });
    const old = await fixture.make(TYPES.image, "image", given("1"));
    const rebuilt = await fixture.make(TYPES.image, "image", given("2"));
    assert.notEqual(rebuilt.outputs.imageId, old.outputs.imageId);
    await fixture.remove(old);
    assert.equal((await fixture.docker.getImage(name("same")).inspect()).Id, rebuilt.outputs.imageId);
    assert.equal(await exists(old.outputs.imageId), false);
  });

  await suite.test("one that a container uses, or that is to be kept, stays without a word", async () => {
    const used = await fixture.make(TYPES.image, "used", { name: name("used"), build: build() });
    const user = await fixture.container("user", {
      image: used.outputs.imageId,
      command: ["/bin/sleep", "1000"],
    });
    await fixture.remove(used);
    assert.equal(await exists(name("used")), true);
    await fixture.remove(user);
    await fixture.docker.getImage(name("used")).remove();
    const kept = await fixture.make(TYPES.image, "kept", {
      name: name("kept"),
      build: build(),
      keepLocally: true,
    });
    await fixture.remove(kept);
    assert.equal(await exists(name("kept")), true);
    await fixture.docker.getImage(name("kept")).remove();
  });

  await suite.test("a failed build says the step and the end of its output", async () => {
    write("Broken.Dockerfile", `FROM ${fixture.image}\nRUN echo downloading; echo no such package; exit 7\n`);
    const inputs = await fixture.check(TYPES.image, "broken", {
      name: name("broken"),
      build: build({ dockerfile: "Broken.Dockerfile" }),
    });
    const error: Error = await fixture.provider.create(fixture.context(TYPES.image, "broken"), inputs).then(
      () => assert.fail("it was built"),
      (reason) => reason,
    );
    const lines = error.message.split("\n").map((line) => line.trim());
    assert.match(
      lines[0],
      new RegExp(
        `^image ${name("broken")} could not be built in step 2/3 RUN echo downloading; .*: .* returned a non-zero code: 7$`,
      ),
    );
    assert.equal(lines[1], "end of its output:");
    assert.deepEqual(lines.slice(-2), ["downloading", "no such package"]);
  });

  await suite.test("at most two are built at once", async () => {
    const before = fixture.said.length;
    const tags = ["p1", "p2", "p3"];
    await Promise.all(
      tags.map((tag) =>
        fixture.make(TYPES.image, tag, { name: name(tag), build: build({ buildArgs: { GREETING: tag } }) }),
      ),
    );
    assert.equal(
      fixture.said.slice(before).filter((message) => message === "waiting for other builds").length,
      1,
    );
  });

  await suite.test("one that is there is not pulled, one that cannot be pulled is named", async () => {
    await fixture.docker.getImage(fixture.image).tag({ repo: name("").slice(0, -1), tag: "there" });
    await fixture.make(TYPES.image, "there", { name: name("there") });
    const nowhere = "127.0.0.1:1/nothing:1";
    const inputs = await fixture.check(TYPES.image, "nowhere", { name: nowhere });
    await assert.rejects(
      fixture.provider.create(fixture.context(TYPES.image, "nowhere"), inputs),
      (error: Error) => error.message.startsWith(`image ${nowhere} could not be pulled: `),
    );
    const container = await fixture.check(TYPES.container, "nowhere", { image: nowhere });
    await assert.rejects(
      fixture.provider.create(fixture.context(TYPES.container, "nowhere"), container),
      (error: Error) =>
        error.message.includes(`could not be created: image ${nowhere} could not be pulled: `),
    );
  });

  await suite.test("is looked up by a function", async () => {
    const found = await fixture.provider.invoke("docker:index/getRemoteImage:getRemoteImage", {
      name: fixture.image,
    });
    assert.deepEqual([found.name, found.repoDigest], [fixture.image, ""]);
    assert.match(found.id, /^sha256:/);
  });

  after(async () => {
    fs.rmSync(folder, { recursive: true });
    await fixture.close();
  });
});
