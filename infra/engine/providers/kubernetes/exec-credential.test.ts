import assert from "node:assert/strict";
import { test } from "node:test";
import { ExecCredentials } from "./exec-credential";

const apiVersion = "client.authentication.k8s.io/v1";

/** A program that answers with the time of its run as its token. */
const program = (expires: string) => ({
  apiVersion,
  command: process.execPath,
  args: [
    "-e",
    `const { kind } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    const status = { token: kind + process.hrtime.bigint() + process.env.WHO, expirationTimestamp: ${expires} };
    console.log(JSON.stringify({ status }));`,
  ],
  env: [{ name: "WHO", value: "me" }],
});

test("a credential is used until it expires, or is refused", async () => {
  const credentials = new ExecCredentials(program("new Date(Date.now() + 3600e3).toISOString()"));
  const [first, second] = await Promise.all([credentials.get(), credentials.get()]);
  assert.match(first.token ?? "", /^ExecCredential\d+me$/);
  assert.equal(second.token, first.token);
  credentials.forget();
  assert.notEqual((await credentials.get()).token, first.token);
});

test("one that is about to expire is had anew", async () => {
  const credentials = new ExecCredentials(program("new Date(Date.now() + 1000).toISOString()"));
  assert.notEqual((await credentials.get()).token, (await credentials.get()).token);
});

test("a program that fails is named, with its hint", async () => {
  const settings = { apiVersion, command: "/missing/login", installHint: "Install the login tool." };
  await assert.rejects(
    new ExecCredentials(settings).get(),
    /The kubeconfig's credential program "\/missing\/login" failed: .*ENOENT.* Install the login tool\.$/,
  );
});
