import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { pauseImage, pauseImageName } from "./pause-image";
import { unpack } from "./testing/image-server";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-pause-"));
after(() => fs.rmSync(folder, { recursive: true }));
const supervisor = path.join(folder, "supervisor");
fs.writeFileSync(supervisor, "a program");

test("The image is the program alone, named by its content", async () => {
  const hash = createHash("sha256").update("a program").digest("hex").slice(0, 12);
  assert.equal(pauseImageName(supervisor), `flotilla.local/pause:${hash}`);
  const image = await unpack(await pauseImage(supervisor));
  const [manifest] = JSON.parse(image["manifest.json"]!.toString());
  assert.deepEqual(manifest.RepoTags, [`flotilla.local/pause:${hash}`]);
  const layer = image["layer.tar"]!;
  const config = JSON.parse(image["config.json"]!.toString());
  assert.deepEqual(config.rootfs.diff_ids, [`sha256:${createHash("sha256").update(layer).digest("hex")}`]);
  assert.deepEqual(config.config.Entrypoint, ["/supervisor", "pause"]);
  assert.deepEqual(Object.keys(await unpack(layer)), ["supervisor"]);
});
