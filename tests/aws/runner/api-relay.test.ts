import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { ApiRelay } from "./api-relay";
import type { Permissions } from "./permissions";

const account = http.createServer((request, response) => response.end(`${request.method} ${request.url}`));
const demanded: string[] = [];
let relay: ApiRelay;
let url: string;
let credentials: string;

before(async () => {
  account.listen(0, "127.0.0.1");
  await once(account, "listening");
  const permissions: Pick<Permissions, "demand"> = {
    demand: async (role, action, resource) => {
      demanded.push(`${role} ${action} ${resource}`);
      if (resource.includes("/others/")) throw new Error(`${role} is not authorized`);
    },
  };
  const endpoint = `http://127.0.0.1:${(account.address() as AddressInfo).port}`;
  relay = await ApiRelay.start("127.0.0.1", endpoint, permissions as Permissions);
  const given = relay.environment("arn:aws:iam::123456789012:role/edge-task");
  url = given.AWS_ENDPOINT_URL!;
  credentials = given.AWS_CONTAINER_CREDENTIALS_FULL_URI!;
});
after(async () => {
  await relay.stop();
  account.close();
});

function signed(path: string, { method = "GET", service = "s3" } = {}): Promise<Response> {
  const signature = `AWS4-HMAC-SHA256 Credential=edge-task/20260101/eu-central-1/${service}/aws4_request, Signature=1`;
  return fetch(url + path, { method, headers: { authorization: signature } });
}

test("a task with a role gets that role's credentials, one without none", async () => {
  const { AccessKeyId, Expiration } = (await (await fetch(credentials)).json()) as Record<string, string>;
  assert.equal(AccessKeyId, "edge-task");
  assert.ok(Date.parse(Expiration!) > Date.now());
  assert.deepEqual(relay.environment(undefined), {});
});

test("an object that the role may read is answered by the account", async () => {
  const answer = await signed("/files/edge%20live?x-id=GetObject");
  assert.equal(await answer.text(), "GET /files/edge%20live?x-id=GetObject");
  assert.equal(demanded.at(-1), "edge-task s3:GetObject arn:aws:s3:::files/edge live");
});

test("another one is refused, and so is whatever else is asked of AWS", async () => {
  const refused = await signed("/files/others/secret");
  assert.deepEqual([refused.status, await refused.text()], [403, "edge-task is not authorized"]);
  assert.equal((await signed("/files/edge", { method: "PUT" })).status, 403);
  assert.equal((await signed("/", { service: "ecs" })).status, 403);
  assert.equal((await fetch(`${url}/files/edge`)).status, 403);
});
