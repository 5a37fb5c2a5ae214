import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { TestStack } from "../../testing/test-stack";
import { walkThroughLife } from "../../testing/walk";
import { Fixture } from "./testing";
import { lifecycle } from "./testing/lifecycle";

/** Walks that go on at the same time, each on things of its own and with a part of the points. */
const WALKERS = 3;

test("a run on a real daemon that is killed at any point is brought to its end by the next one", async (t) => {
  const opened = await Fixture.open();
  if ("skip" in opened) return t.skip(opened.skip);
  const { fixture } = opened;
  const { docker, image, run } = fixture;
  const root = mkdtempSync(path.join(tmpdir(), "flotilla-killed-"));
  after(async () => {
    rmSync(root, { recursive: true });
    await fixture.close();
  });

  /** All that the daemon has under a name. */
  const everything = async (name: string) => {
    const containers = await docker.listContainers({ all: true, filters: { name: [name] } });
    const networks = await docker.listNetworks({ filters: { name: [name] } });
    const { Volumes: volumes } = await docker.listVolumes({ filters: { name: [name] } });
    const images = await docker.listImages({ filters: { reference: [name] } });
    return {
      containers: containers.map(({ Names, Image, State, NetworkSettings, Mounts }) => ({
        ...{ Names, Image, State, mounts: Mounts.map(({ Name }) => Name) },
        networks: Object.keys(NetworkSettings.Networks).length,
      })),
      networks: networks.map(({ Internal }) => Internal),
      volumes: volumes.map(({ Name }) => Name),
      images: images.flatMap(({ RepoTags }) => RepoTags ?? []),
    };
  };

  const walk = async (first: number) => {
    const name = `flotilla-killed-${run}-${first}`;
    const stack = new TestStack(path.join(root, name));
    const context = path.join(stack.directory, "context");
    mkdirSync(context);
    writeFileSync(path.join(context, "Dockerfile"), `# ${name}\nFROM ${image}\nCOPY Dockerfile /made\n`);
    const module = path.join(__dirname, "testing", "lifecycle.ts");
    return walkThroughLife({ module, lifecycle, end: () => everything(name) }, stack, first, WALKERS);
  };
  const kills = await Promise.all(Array.from({ length: WALKERS }, (_, first) => walk(first)));
  assert.ok(kills.reduce((sum, each) => sum + each) > 60, `${kills} kills`);
});
