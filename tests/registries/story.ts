/** What every kind of registry lives through, told once; run on real Docker with the real registry. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { ImageName } from "../../components/images";
import type { RegistryKindName } from "../../components/registries";
import { ensureImages } from "../../infra/setup/images";
import { request, until } from "../end-to-end/client";
import { DockerDriver } from "../end-to-end/docker-driver";
import { containerCrowd, processCrowd } from "./crowd";
import { pause, Stage } from "./stage";

const CROWD = 200;
/** Longer than any lease and any grace. */
const AWAY_SECONDS = 60;

export function registryStory(kind: RegistryKindName, httpPort: number): void {
  test(`a registry of kind ${kind}`, { timeout: 20 * 60_000 }, async (t) => {
    const images = await ensureImages();
    if (kind !== "native") {
      await ensureImages([kind satisfies ImageName]);
    }
    const driver = await DockerDriver.create(`registries-${kind}`, { httpPort, registryKind: kind });
    driver.architecture = "tests/registries/architecture.ts";
    const stage = new Stage(driver);
    const tell = (text: string) => t.diagnostic(`${kind}: ${text}`);
    after(() => driver.down());

    await t.test("runs", async () => {
      const { exitCode, output } = await driver.up();
      assert.equal(exitCode, 0, output);
    });

    await t.test("knows instances with address, port and metadata", async () => {
      for (const found of await stage.awaitUsers(5, 2)) {
        const { instance, address, ...rest } = found;
        assert.match(instance, /^users-[0-9a-f]{8}$/);
        assert.match(address, /^\d+\.\d+\.\d+\.\d+$/);
        assert.deepEqual(rest, {
          service: "users",
          ports: [{ name: "http", port: 8080, protocol: "http" }],
          metadata: { version: "1", zone: "a", weight: "2" },
        });
      }
    });

    await t.test("serves a foreign image that calls by its environment alone, balanced", async () => {
      const hosts = new Set<unknown>();
      for (let call = 0; call < 10; call++) {
        const { status, body } = await request(driver.url, "GET", "/foreign/");
        assert.equal(status, 200);
        hosts.add(body.host);
      }
      assert.equal(hosts.size, 2);
    });

    await t.test("an instance drains with no failed request, and comes back within two seconds", async () => {
      const agent = await stage.container("users", "agent-register", 2);
      const { requests, failures } = await stage.underLoad(async () => {
        const stopped = agent.stop({ t: 30 });
        await stage.awaitUsers(5, 1);
        await stopped;
        await agent.start();
        const begin = Date.now();
        await stage.awaitUsers(2, 2);
        tell(`second replica found ${Date.now() - begin} ms after its agent started`);
      });
      assert.deepEqual(failures, []);
      assert.ok(requests > 20, `only ${requests} requests`);
    });

    await t.test("a crashed instance is gone within 15 seconds, and retried meanwhile", async () => {
      const crashed = [
        await stage.container("users", "main", 2),
        await stage.container("users", "agent-register", 2),
      ];
      const { failures } = await stage.underLoad(async () => {
        await Promise.all(crashed.map((container) => container.kill({ signal: "SIGKILL" })));
        const begin = Date.now();
        await stage.awaitUsers(15, 1);
        tell(`crashed instance gone after ${Date.now() - begin} ms`);
        for (const container of crashed) {
          await container.start();
        }
        await stage.awaitUsers(15, 2);
      });
      assert.deepEqual(failures, []);
    });

    if (kind !== "native") {
      await outages(t, stage, images.node, tell);
    }

    await t.test(`${CROWD} instances join at once`, { timeout: 10 * 60_000 }, async () => {
      const begin = Date.now();
      const crowd =
        kind === "native"
          ? await containerCrowd(stage, CROWD)
          : await processCrowd(stage, CROWD, images.node);
      try {
        const started = Date.now();
        await until(
          120,
          () => stage.instances("crowd").catch(() => []),
          (found) => found.length === CROWD + 1,
        );
        const found = await stage.instances("crowd");
        assert.equal(new Set(found.map(({ instance }) => instance)).size, CROWD + 1);
        const addresses = found.map(({ address, ports }) => `${address}:${ports[0].port}`);
        assert.equal(new Set(addresses).size, CROWD + 1);
        tell(
          `all ${CROWD} known ${Date.now() - begin} ms after the first was started, ${Date.now() - started} ms after the last`,
        );
        const { memoryMiB, cpuMillicores } = await crowd.usage();
        const each = `${(memoryMiB / CROWD).toFixed(1)} MiB and ${(cpuMillicores / CROWD).toFixed(2)} thousandths of a core`;
        tell(`one agent of ${CROWD} uses ${each}`);
        assert.ok(memoryMiB / CROWD < 32, each);
        assert.equal((await stage.instances("users")).length, 2);
      } finally {
        await crowd.leave();
      }
      await until(
        30,
        () => stage.instances("crowd").catch(() => []),
        (found) => found.length === 1,
      );
    });

    await t.test("goes and leaves nothing behind", async () => {
      const { exitCode, output } = await driver.down();
      assert.equal(exitCode, 0, output);
      assert.deepEqual(await driver.leftovers(), []);
    });
  });
}

type Parent = Parameters<NonNullable<Parameters<typeof test>[0]>>[0];

/** What only a registry that runs can go through. */
async function outages(t: Parent, stage: Stage, image: string, tell: (text: string) => void): Promise<void> {
  const unnoticed = async (work: () => Promise<void>): Promise<void> => {
    let fewest = 0;
    const { failures } = await stage.underLoad(async () => {
      fewest = await stage.fewestUsers(work);
    });
    assert.deepEqual(failures, []);
    assert.equal(fewest, 2, "somebody was lost meanwhile");
  };

  await t.test("a restart of the registry is not noticed", async () => {
    await unnoticed(async () => {
      await (await stage.container("registry", "main")).restart({ t: 5 });
      await pause(12_000);
    });
    await stage.listedUsers(15, 2);
  });

  await t.test("a registry that lost its data is filled again within 15 seconds, unnoticed", async () => {
    let begin = 0;
    await unnoticed(async () => {
      await stage.loseData(image);
      await (await stage.container("registry", "main")).start();
      begin = Date.now();
      await pause(13_000);
    });
    await stage.listedUsers(15, 2);
    tell(`a newcomer found all in the emptied registry ${Date.now() - begin} ms after its start`);
  });

  await t.test(`a registry that is away for ${AWAY_SECONDS} s loses nobody`, async () => {
    await unnoticed(async () => {
      await stage.cutOff(() => pause(AWAY_SECONDS * 1000));
      await pause(15_000);
    });
    await stage.listedUsers(15, 2);
  });
}
