/** Tokens of an issuer outside the architecture, whose keys the running Envoy fetches by URL. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { GatewayRules } from "../../components/gateway-spec";
import { certificateOf } from "./certificates";
import { echo, type KeyHost, keyHost, type Running } from "./services";
import { hostAddress, Stage } from "./stage";
import { type Issuer, issuer } from "./tokens";

/** Envoy fetches again this long after it has fetched. */
const CACHE_SECONDS = 3;

const GOOD = "id.example.com";
const UNTRUSTED = "other.example.com";
const MISNAMED = "wrong.example.com";

let stage: Stage;
let signer: Issuer = issuer("outside");
const first = signer;
let good: KeyHost;
let untrusted: KeyHost;
let misnamed: KeyHost;
const running: Running[] = [];

before(async () => {
  const host = await hostAddress();
  const [own, unknown] = [await certificateOf(GOOD), await certificateOf(UNTRUSTED)];
  const keys = () => signer.jwks;
  good = await keyHost(host, own, keys);
  untrusted = await keyHost(host, unknown, keys);
  misnamed = await keyHost(host, own, keys);
  const users = await echo(host, "users");
  running.push(good, untrusted, misnamed, users);
  const way = (name: string, { port }: KeyHost) => ({
    jwt: {
      ...{ issuer: "outside", audiences: ["shop"], cacheSeconds: CACHE_SECONDS },
      jwks: { url: `https://${name}:${port}/keys` },
    },
  });
  const rules: GatewayRules = {
    authentication: {
      good: way(GOOD, good),
      untrusted: way(UNTRUSTED, untrusted),
      misnamed: way(MISNAMED, misnamed),
    },
    routes: ["good", "untrusted", "misnamed"].map((name) => {
      return { path: `/${name}`, to: "users", authentication: name };
    }),
  };
  stage = await Stage.open({
    ...{ rules, instances: { users: [users] } },
    outside: {
      hosts: { [GOOD]: host, [UNTRUSTED]: host, [MISNAMED]: host },
      authorities: own.certificate,
    },
  });
});

after(async () => {
  await stage?.close();
  await Promise.all(running.map((one) => one.close()));
});

test("keys are fetched by HTTPS, and kept: no request waits for them", async () => {
  assert.equal(await within(10, () => status("/good", first), 200), 200);
  const before = good.fetched;
  const started = Date.now();
  const statuses = await Promise.all(Array.from({ length: 30 }, () => status("/good", first)));
  assert.deepEqual([...new Set(statuses)], [200]);
  const periods = Math.ceil((Date.now() - started) / 1000 / CACHE_SECONDS);
  assert(before >= 1 && good.fetched - before <= periods, `${before}, ${good.fetched}, ${periods}`);
  assert.equal(await status("/good", issuer("outside")), 401, "a key that the issuer does not know");
});

test("an issuer's new key is known after the time that keys are kept, and the old one no more", async () => {
  signer = issuer("outside", "2");
  assert.equal(await within(3 * CACHE_SECONDS, () => status("/good", signer), 200), 200);
  assert.equal(await status("/good", first), 401);
});

test("keys of a host that proves not to be the one that is named open nothing", async () => {
  assert.deepEqual([await status("/untrusted", signer), await status("/misnamed", signer)], [401, 401]);
  assert.deepEqual([untrusted.fetched, misnamed.fetched], [0, 0]);
  const failures =
    /^envoy_cluster_ssl_fail_verify_(\w+){envoy_cluster_name="issuer (\w+)_example_com_\d+"} ([1-9])/gm;
  const reasons = [...(await stage.metrics()).matchAll(failures)].map(([, why, name]) => `${name}: ${why}`);
  assert.deepEqual(reasons.sort(), ["other: error", "wrong: san"]);
});

async function status(path: string, { token }: Issuer): Promise<number> {
  const headers = { authorization: `Bearer ${token({})}` };
  const answer = await fetch(stage.url(path), { headers });
  await answer.arrayBuffer();
  return answer.status;
}

/** Asks until it is what is wanted, or the time is over. */
async function within<T>(seconds: number, ask: () => Promise<T>, wanted: T): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let got = await ask();
  while (got !== wanted && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    got = await ask();
  }
  return got;
}
