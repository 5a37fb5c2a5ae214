/** A gateway under load loses no request while its routes, its certificate and its secrets change: Envoy stays. */
import assert from "node:assert/strict";
import type * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import { after, before, test } from "node:test";
import * as tls from "node:tls";
import type { Certificate } from "../../components/gateway-certificate";
import type { GatewayRules } from "../../components/gateway-spec";
import { until } from "../end-to-end/client";
import { certificateOf } from "./certificates";
import { type Echo, echo } from "./services";
import { hostAddress, Stage, type StageArgs } from "./stage";

function args(key: string, target: string, certificate: Certificate): StageArgs {
  const rules: GatewayRules = {
    authentication: { machines: { apiKey: { clients: { robot: { key } } } } },
    tls: { port: 8443 },
    securityHeaders: {},
    routes: [
      { path: "/changing", to: target, authentication: "anonymous" },
      { path: "/keyed", to: "users", authentication: "machines" },
    ],
  };
  return { rules, certificate, instances: { users: [users], people: [people] } };
}

let stage: Stage;
let users: Echo;
let people: Echo;
let first: Certificate;
let second: Certificate;

before(async () => {
  const host = await hostAddress();
  [users, people] = await Promise.all([echo(host, "users"), echo(host, "people")]);
  [first, second] = [await certificateOf("first.example.com"), await certificateOf("second.example.com")];
  stage = await Stage.open(args("{{one}}", "users", first));
});

after(async () => {
  await stage?.close();
  await Promise.all([users.close(), people.close()]);
});

test("plain HTTP leads to HTTPS, which browsers are told to keep to", async () => {
  const answer = await fetch(stage.url("/changing?a=b"), { redirect: "manual" });
  assert.equal(answer.status, 308);
  assert.equal(answer.headers.get("location"), `https://${stage.address}:8443/changing?a=b`);
  const { status, headers } = await ask("/changing");
  assert.deepEqual([status, headers["strict-transport-security"]], [200, "max-age=31536000"]);
});

test("HTTP/2 is spoken with who can, and nothing older than TLS 1.2", async () => {
  const session = http2.connect(`https://${stage.address}:8443`, { rejectUnauthorized: false });
  const stream = session.request({ ":path": "/changing" });
  const status = await new Promise((resolve) =>
    stream.once("response", (headers) => resolve(headers[":status"])),
  );
  assert.equal(status, 200);
  session.destroy();
  const old = await new Promise<Error>((resolve) => {
    const options = {
      host: stage.address,
      port: 8443,
      rejectUnauthorized: false,
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "ALL:@SECLEVEL=0",
    } as const;
    tls.connect(options).once("error", resolve);
  });
  assert.match(old.message, /protocol|version|alert/i);
});

test("no request fails while a route, the certificate and a key change", { timeout: 60000 }, async () => {
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  const counts = { sent: 0, users: 0, people: 0 };
  const failed: string[] = [];
  let isOver = false;
  const connections = new Set<unknown>();
  const buyer = async (): Promise<void> => {
    while (!isOver) {
      counts.sent++;
      const answer = await ask("/changing", { agent, connections }).catch((error) => ({
        status: 0,
        text: String(error),
      }));
      if (answer.status !== 200) {
        failed.push(`${answer.status} ${answer.text}`);
      } else {
        counts[(JSON.parse(answer.text) as { name: "users" | "people" }).name]++;
      }
    }
  };
  const load = Promise.all(Array.from({ length: 8 }, buyer));
  const keyed = async (key: string): Promise<number> =>
    (await ask("/keyed", { headers: { "x-api-key": key } })).status;
  assert.deepEqual([await keyed("{{one}}"), await keyed("{{two}}")], [200, 401]);
  assert.equal(await shown(), "first.example.com");
  await stage.change(args("{{two}}", "people", second));
  assert.deepEqual([await keyed("{{one}}"), await keyed("{{two}}")], [401, 200]);
  assert.equal(await shown(), "second.example.com");
  const served = async () => counts.people;
  await until(30, served, (people) => people > 100);
  isOver = true;
  await load;
  agent.destroy();
  assert.deepEqual(failed, []);
  assert(counts.users > 100 && counts.people > 100, JSON.stringify(counts));
  // Not even a connection was closed.
  assert.equal(connections.size, 8);
});

test("a listener that changes lets go of its connections without losing a request", {
  timeout: 60000,
}, async () => {
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  const failed: string[] = [];
  let isOver = false;
  let sent = 0;
  const buyer = async (): Promise<void> => {
    while (!isOver) {
      sent++;
      const answer = await ask("/changing", { agent }).catch((error) => ({ status: 0, text: String(error) }));
      if (answer.status !== 200) {
        failed.push(`${answer.status} ${answer.text}`);
      }
    }
  };
  const load = Promise.all(Array.from({ length: 8 }, buyer));
  const next = args("{{two}}", "people", second);
  await stage.change({ ...next, rules: { ...next.rules, limits: { maxHeaders: 50 } } });
  await new Promise((resolve) => setTimeout(resolve, 7000));
  isOver = true;
  await load;
  agent.destroy();
  assert.deepEqual(failed, []);
  assert(sent > 200);
});

/** Name on the certificate that a new client sees. */
function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: stage.address, port: 8443, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

function ask(
  path: string,
  options: { headers?: Record<string, string>; agent?: https.Agent; connections?: Set<unknown> } = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> {
  const { headers, agent, connections } = options;
  return new Promise((resolve, reject) => {
    const url = `https://${stage.address}:8443${path}`;
    const request = https.get(url, { headers, agent, rejectUnauthorized: false }, (response) => {
      connections?.add(response.socket);
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    request.on("error", reject);
  });
}
