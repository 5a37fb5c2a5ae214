/** The defaults that `explain` shows are those that hold: the filled-in description makes the same resources. */
import assert from "node:assert/strict";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { deploy } from "../../stacks/docker";
import shop from "../../stacks/shop";
import { Recorder, settled } from "../../tests/recorder";
import { parseArchitecture } from "../parse-architecture";
import { explain } from "./explain";

// No machine's own record of images may show here.
process.env.XDG_CACHE_HOME = path.join(os.tmpdir(), "flotilla-no-such-cache");

/** Every resource that a description makes, as text. */
async function resourcesOf(description: unknown): Promise<string[]> {
  const recorder = new Recorder();
  const architecture = parseArchitecture(description, "shop.ts");
  deploy({ target: "docker", architecture, settings: {} });
  await settled();
  return recorder.resources.map((resource) => JSON.stringify(resource)).sort();
}

test("the shop with its defaults filled in is the same shop", async () => {
  const none = { input: {}, source: { name: "overrides" } };
  const { filled } = explain({ input: shop, source: { name: "shop.ts" } }, none);
  const [own, explained] = [await resourcesOf(shop), await resourcesOf(filled)];
  assert(own.length > 80, `${own.length} resources`);
  assert.deepEqual(explained, own);
});
