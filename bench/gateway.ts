/**
 * What the gateway's policies cost: requests per second and latency with a token, a role and a rate limit, as ratios to an Envoy
 * that has none of their filters, and else the same listener and access log, on the same machine in the same run.
 */
import * as http from "node:http";
import { performance } from "node:perf_hooks";
import type { GatewayRules } from "../components/gateway-spec";
import { echo } from "../tests/gateway/services";
import { hostAddress, Stage } from "../tests/gateway/stage";
import { issuer } from "../tests/gateway/tokens";

const CONNECTIONS = 16;
const ROUND_SECONDS = 3;
const ROUNDS = 5;

const shop = issuer("shop");
const bareRules: GatewayRules = { routes: [{ path: "/bare", to: "users" }] };
const guardedRules: GatewayRules = {
  authentication: {
    shop: { jwt: { issuer: "shop", jwks: { inline: shop.jwks }, claimHeaders: { "x-user-id": "sub" } } },
  },
  routes: [
    {
      ...{ path: "/guarded", to: "users", authentication: "shop", authorization: { roles: ["user"] } },
      rateLimit: { requests: 1000000, by: "caller" },
    },
  ],
};

interface Round {
  /** Envoy's own processor time: what the client and others on the machine do does not count. */
  cpuMicrosecondsEach: number;
  perSecond: number;
  p99Milliseconds: number;
}

/** Sends as fast as answers come, on connections that stay open. */
async function round(stage: Stage, path: string, authorization: string): Promise<Round> {
  const url = stage.url(path);
  const cpuBefore = await stage.cpuSeconds();
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const took: number[] = [];
  const end = performance.now() + ROUND_SECONDS * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      await new Promise<void>((resolve, reject) => {
        const request = http.get(url, { agent, headers: { authorization } }, (response) => {
          if (response.statusCode !== 200) {
            reject(new Error(`${url} answers ${response.statusCode}`));
          }
          response.resume().on("end", resolve);
        });
        request.on("error", reject);
      });
      took.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
  took.sort((a, b) => a - b);
  const cpuMicrosecondsEach = (((await stage.cpuSeconds()) - cpuBefore) * 1e6) / took.length;
  return {
    cpuMicrosecondsEach,
    perSecond: took.length / ROUND_SECONDS,
    p99Milliseconds: took[Math.floor(took.length * 0.99)],
  };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function main(): Promise<void> {
  const users = await echo(await hostAddress(), "users");
  const open = (rules: GatewayRules) => Stage.open({ rules, instances: { users: [users] } });
  const [bare, guarded] = [await open(bareRules), await open(guardedRules)];
  try {
    const authorization = `Bearer ${shop.token({ roles: ["user"], aud: undefined })}`;
    const rounds: Record<"bare" | "guarded", Round[]> = { bare: [], guarded: [] };
    await round(bare, "/bare", authorization);
    await round(guarded, "/guarded", authorization);
    // By turns, so that whatever else the machine does hits both.
    for (let turn = 0; turn < ROUNDS; turn++) {
      rounds.bare.push(await round(bare, "/bare", authorization));
      rounds.guarded.push(await round(guarded, "/guarded", authorization));
    }
    const ratio = (field: keyof Round): string => {
      const [one, other] = [rounds.guarded, rounds.bare].map((all) =>
        median(all.map((measured) => measured[field])),
      );
      return `${(one / other).toFixed(2)} (${one.toFixed(1)} to ${other.toFixed(1)})`;
    };
    console.log(
      `requests per second with token, role and rate limit, to none of them: ${ratio("perSecond")}`,
    );
    console.log(
      `microseconds of Envoy's processor time for each request, likewise: ${ratio("cpuMicrosecondsEach")}`,
    );
    console.log(`99th percentile of the latency in ms, likewise: ${ratio("p99Milliseconds")}`);
  } finally {
    await Promise.all([bare.close(), guarded.close()]);
    await users.close();
  }
}

void main();
