import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { clusterReader } from "./cluster-reader";

const GROUPS = {
  kind: "APIGroupList",
  groups: [{ name: "keda.sh", versions: [{ groupVersion: "keda.sh/v1" }] }],
};

/** Reads from a server that gives these answers, one after the other. */
async function readerOf(t: TestContext, answers: { status: number; body: unknown }[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { status, body } = answers[asked.length];
    asked.push(request.url ?? "");
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const kubeconfig = stringify({
    clusters: [
      { name: "one", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
    ],
    users: [{ name: "one", user: {} }],
    contexts: [{ name: "one", context: { cluster: "one", user: "one" } }],
  });
  return { asked, port, reader: clusterReader(kubeconfig, "one") };
}

test("a cluster that is busy for a moment is asked again", async (t) => {
  const { asked, reader } = await readerOf(t, [
    { status: 429, body: { message: "storage is (re)initializing" } },
    { status: 200, body: GROUPS },
  ]);
  assert.deepEqual(await reader.served(), ["keda.sh/v1"]);
  assert.deepEqual(asked, ["/apis", "/apis"]);
});

test("a cluster that refuses its user is asked once, and says so", async (t) => {
  const { asked, port, reader } = await readerOf(t, [{ status: 401, body: {} }]);
  await assert.rejects(reader.served(), {
    message: `The cluster of context "one" (http://127.0.0.1:${port}) answers 401 when it is asked what it serves. Correct the user of that context.`,
  });
  assert.equal(asked.length, 1);
});
