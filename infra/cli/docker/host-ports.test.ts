import assert from "node:assert/strict";
import { test } from "node:test";
import type { PortHolder } from "../../setup/ports";
import { checkHostPort } from "./host-ports";

const address = { host: "127.0.0.1", port: 8080 };

const heldBy =
  (...holders: Pick<PortHolder, "holder" | "stack">[]) =>
  async () =>
    holders.map((holder) => ({ ...address, ...holder }));

test("a port that somebody else holds is named with its holder and the way out", async () => {
  await assert.rejects(checkHostPort("shop/dev", address, heldBy({ holder: '"nginx" (process 4711)' })), {
    message:
      'Port 8080 of this machine is taken by "nginx" (process 4711). Free it, or take another one:\n' +
      "  npx flotilla config set --stack dev --path flotilla:settings.httpPort 8081",
  });
});

test("another stack is somebody else", async () => {
  const holder = 'container "edge" of stack shop/blue';
  await assert.rejects(
    checkHostPort("shop/dev", address, heldBy({ holder, stack: "shop/blue" })),
    /taken by container "edge" of stack shop\/blue/,
  );
});

test("a port that is free, or the stack's own, passes", async () => {
  await checkHostPort("shop/dev", address, heldBy());
  await checkHostPort("shop/dev", address, heldBy({ holder: "container", stack: "shop/dev" }));
});
