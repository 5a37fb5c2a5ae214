/**
 * The whole shop on local Docker, as the resources that the program registers. It does not show that a daemon takes
 * them, nor in which order an engine makes them: the tests on a real daemon do.
 */
import assert from "node:assert/strict";
import * as os from "node:os";
import * as path from "node:path";
import { before, test } from "node:test";
import { imageReference } from "../components";
import type { ArchitectureInput } from "../infra/architecture";
import { parseArchitecture } from "../infra/parse-architecture";
import shop from "../stacks/shop";
import { known, type Recorded, Recorder, revealed, settled } from "./recorder";

const CONTAINER = "docker:index/container:Container";

// No machine's own record of images may show here.
process.env.XDG_CACHE_HOME = path.join(os.tmpdir(), "flotilla-no-such-cache");

async function deploy(
  description: ArchitectureInput,
  overrides = {},
): Promise<{ recorder: Recorder; url: string }> {
  const recorder = new Recorder();
  const { deploy } = require("../stacks/docker") as typeof import("../stacks/docker");
  const architecture = parseArchitecture(description, "stacks/shop.ts", {
    input: overrides,
    source: { name: "overrides" },
  });
  const { url } = deploy({ target: "docker", architecture, settings: {} });
  await settled();
  return { recorder, url: await known(url) };
}

type Labelled = { labels: { label: string; value: string }[] };

function labels({ inputs }: Recorded): Record<string, string> {
  return Object.fromEntries((inputs as Labelled).labels.map(({ label, value }) => [label, value]));
}

/** Containers that run, as opposed to those that only carry files. */
function running(recorder: Recorder): Recorded[] {
  return recorder.all(CONTAINER).filter(({ inputs }) => inputs.start !== false);
}

let recorder: Recorder;
let url: string;

before(async () => {
  ({ recorder, url } = await deploy(shop));
});

test("the shop is exactly this many resources of each type", () => {
  const counts: Record<string, number> = {};
  for (const { type } of recorder.resources) {
    counts[type] = (counts[type] ?? 0) + 1;
  }
  assert.deepEqual(counts, {
    // The platform, the registry, four services, a policy, the gateway and its public port.
    "flotilla:index:DockerPlatform": 1,
    "flotilla:index:Registry": 1,
    "flotilla:index:Microservice": 4,
    "flotilla:index:AutoscalingPolicy": 1,
    "flotilla:index:Gateway": 1,
    "flotilla:index:DockerPublicPort": 1,
    "flotilla:index:DockerWorkload": 6,
    "flotilla:index:DockerReplica": 6,
    // Passwords: the naming key, Redis, the administrator, and etcd's two.
    "random:index/randomPassword:RandomPassword": 5,
    // Of etcd's authority and server, and the one that tokens are signed with.
    "tls:index/privateKey:PrivateKey": 3,
    "tls:index/selfSignedCert:SelfSignedCert": 1,
    "tls:index/certRequest:CertRequest": 1,
    "tls:index/locallySignedCert:LocallySignedCert": 1,
    "docker:index/network:Network": 1,
    // The agent, three services, and redis, etcd and envoy.
    "docker:index/remoteImage:RemoteImage": 7,
    // The agent, nine folders of files, and the data of Redis, etcd and Envoy.
    "docker:index/volume:Volume": 13,
    // 24 that run, a writer for each folder of files, the agent's filler and the owner of Redis's data.
    [CONTAINER]: 35,
  });
});

test("each workload is these containers", () => {
  const parts: Record<string, string[]> = {};
  for (const resource of running(recorder)) {
    const { "flotilla.workload": workload, "flotilla.container": part } = labels(resource);
    parts[workload] = [...(parts[workload] ?? []), part].sort();
  }
  const caller = ["agent-forward", "agent-register", "main", "sandbox"];
  assert.deepEqual(parts, {
    registry: ["agent-gate", "main", "sandbox"],
    redis: ["agent-register", "main", "sandbox"],
    users: caller,
    orders: caller,
    payments: caller,
    edge: ["agent-aggregate", "agent-envoy", "agent-register", "main", "public", "sandbox"],
  });
});

test("every running container is hardened, limited and rotates its log", () => {
  for (const { name, inputs } of running(recorder)) {
    // Redis's own image has its data folder belong to 999.
    assert.equal(inputs.user, name === "redis-1" ? "999:999" : "65532:65532", name);
    assert.equal(inputs.readOnly, true, name);
    assert.deepEqual(inputs.capabilities, { drops: ["ALL"] }, name);
    assert.deepEqual(inputs.securityOpts, ["no-new-privileges:true"], name);
    assert.deepEqual(inputs.tmpfs, { "/tmp": "nosuid,nodev,size=64m,mode=1777" }, name);
    assert.equal(inputs.memorySwap, inputs.memory, name);
    assert(typeof inputs.memory === "number" && inputs.memory > 0, name);
    assert(typeof inputs.cpuQuota === "number" && inputs.cpuQuota > 0, name);
    assert.equal(inputs.logDriver, "json-file", name);
    assert.deepEqual(inputs.logOpts, { "max-size": "10m", "max-file": "3" }, name);
    assert.equal(inputs.restart, "unless-stopped", name);
    assert.equal(inputs.privileged, undefined, name);
  }
});

test("containers that only carry files never run, and reach no network", () => {
  const carriers = recorder.all(CONTAINER).filter(({ inputs }) => inputs.start === false);
  assert.deepEqual([running(recorder).length, carriers.length], [24, 11]);
  for (const { name, inputs } of carriers) {
    assert.deepEqual([inputs.mustRun, inputs.networkMode, inputs.envs], [false, "none", undefined], name);
  }
});

test("every container, volume and network says whose it is", () => {
  const labelled = [CONTAINER, "docker:index/volume:Volume", "docker:index/network:Network"];
  for (const resource of labelled.flatMap((type) => recorder.all(type))) {
    assert.equal(labels(resource)["flotilla.stack"], "flotilla/test", resource.name);
  }
  for (const resource of running(recorder)) {
    assert.match(labels(resource)["flotilla.revision"], /^[0-9a-f]{12}$/, resource.name);
  }
});

test("only the gateway's forwarder has a host port, on loopback", () => {
  const published = recorder.all(CONTAINER).filter(({ inputs }) => inputs.ports !== undefined);
  assert.deepEqual(
    published.map(({ name, inputs }) => [name, inputs.ports]),
    [["edge-public", [{ internal: 8080, external: 8080, ip: "127.0.0.1" }]]],
  );
  assert.equal(url, "http://127.0.0.1:8080");
});

test("secrets stand in uploads that the state encrypts, and nowhere else", () => {
  const passwords = ["redis-password", "admin-password", "registry-agent-password", "registry-root-password"];
  const keys = ["registry-server-key", "signing-key"].map((name) => `key-of-${name}`);
  const secrets = [...passwords.map((name) => `secret-of-${name}`), ...keys];
  const seen = new Set<string>();
  for (const { type, name, inputs } of recorder.resources.filter(({ type }) => type.startsWith("docker:"))) {
    const { uploads, ...visible } = inputs;
    for (const secret of secrets) {
      assert.equal(JSON.stringify(visible).includes(secret), false, `${type} ${name} shows ${secret}`);
      if (JSON.stringify(uploads ?? "").includes(secret)) {
        assert.notEqual(revealed(uploads), undefined, `${name} does not mark ${secret} as secret`);
        seen.add(secret);
      }
    }
  }
  assert.deepEqual([...seen].sort(), [...secrets].sort());
});

test("third-party images are the catalogue's, our own are named by their content", () => {
  const images = recorder.all("docker:index/remoteImage:RemoteImage").map(({ name, inputs }) => {
    return [name, String(inputs.name).replace(/[0-9a-f]{16}$/, "HASH")];
  });
  assert.deepEqual(Object.fromEntries(images), {
    "shop-agent-image": "flotilla.local/flotilla-shop-test/shop-agent:HASH",
    "users-image": "flotilla.local/flotilla-shop-test/users:HASH",
    "orders-image": "flotilla.local/flotilla-shop-test/orders:HASH",
    "payments-image": "flotilla.local/flotilla-shop-test/payments:HASH",
    "redis-image": imageReference("redis"),
    "registry-etcd-image": imageReference("etcd"),
    "edge-envoy-image": imageReference("envoy"),
  });
});

test("changing one service's description rolls only that service", async () => {
  const revisions = (from: Recorder): Record<string, string> =>
    Object.fromEntries(
      running(from).map((resource) => {
        const { "flotilla.workload": workload, "flotilla.revision": revision } = labels(resource);
        return [resource.name.endsWith("-public") ? `${workload}-public` : workload, revision];
      }),
    );
  const before = revisions(recorder);
  const again = await deploy(shop);
  assert.deepEqual(revisions(again.recorder), before, "the same description gives the same revisions");
  for (const service of ["redis", "orders"]) {
    const changed = await deploy(shop, { [service]: { memoryMiB: 300 } });
    const after = revisions(changed.recorder);
    const rolled = Object.keys(after).filter((workload) => after[workload] !== before[workload]);
    assert.deepEqual(rolled, [service]);
  }
});
