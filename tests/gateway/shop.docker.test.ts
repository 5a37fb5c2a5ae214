/** What the shop's own gateway takes from people who are not logged in, on a real Envoy. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import shop from "../../stacks/shop";
import { echo, type Running } from "./services";
import { hostAddress, Stage } from "./stage";

let stage: Stage;
let users: Running;

before(async () => {
  users = await echo(await hostAddress(), "users");
  stage = await Stage.open({ rules: shop.gateway!, instances: { users: [users] } });
});

after(async () => {
  await stage?.close();
  await users?.close();
});

test("a body of 64 KiB comes in, and no larger one", async () => {
  assert.equal(await post("/users", 64 * 1024), 200);
  assert.equal(await post("/users", 64 * 1024 + 1), 413);
});

test("passwords can be guessed 300 times, then five times a second, and the rest goes on", async () => {
  const started = Date.now();
  let guesses = 0;
  let status = 200;
  while (status === 200 && guesses < 5000) {
    status = await post("/login", 10);
    guesses += status === 200 ? 1 : 0;
  }
  const seconds = (Date.now() - started) / 1000;
  assert.equal(status, 429);
  assert(guesses >= 300 && guesses <= 300 + 5 * (seconds + 1), `${guesses} in ${seconds} s`);
  assert.equal(await post("/users", 10), 200);
});

async function post(path: string, bytes: number): Promise<number> {
  const answer = await fetch(stage.url(path), { method: "POST", body: "x".repeat(bytes) });
  await answer.arrayBuffer();
  return answer.status;
}
