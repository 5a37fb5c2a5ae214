import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { withHashes, withoutContents } from "./assets";
import { SIGNATURE } from "./values";

const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const asset = (more: object) => ({ [SIGNATURE]: ASSET, __pulumiAsset: true, ...more });
const archive = (more: object) => ({ [SIGNATURE]: ARCHIVE, __pulumiArchive: true, ...more });
const fixture = path.join(__dirname, "..", "conformance");

// The hashes are those that Pulumi's CLI stores.
test("an asset is known by its content, wherever that stands", async () => {
  const hash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
  assert.deepEqual(
    await withHashes(
      { a: [asset({ text: "hello\n" })], b: asset({ path: "fixture/hello.txt" }), c: 1 },
      fixture,
    ),
    {
      a: [{ [SIGNATURE]: ASSET, text: "hello\n", hash }],
      b: { [SIGNATURE]: ASSET, path: "fixture/hello.txt", hash },
      c: 1,
    },
  );
});

test("an archive is known by the names and contents of its files", async () => {
  const assets = { "a.txt": asset({ text: "a" }), "b/c.txt": asset({ text: "c" }) };
  const hashed = await withHashes(archive({ assets }), fixture);
  assert.equal(hashed.hash, "73ba9dfaa5444ef18d2fb025f2dd7c47d16593456fae6f56d5fb31d5941bd3d0");
  assert.deepEqual(hashed.assets["a.txt"], {
    ...{ [SIGNATURE]: ASSET, text: "a" },
    hash: "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
  });
  assert.deepEqual(withoutContents({ kept: hashed, other: 1 }), {
    kept: { [SIGNATURE]: ARCHIVE, hash: hashed.hash },
    other: 1,
  });
});

test("a folder that is missing is told", async () => {
  await assert.rejects(withHashes(archive({ path: "nowhere" }), fixture), { code: "ENOENT" });
});
