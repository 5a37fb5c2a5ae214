import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeDocker, inspected } from "../testing";
import { checkHostPort } from "./host-ports";
import { StackOnDocker } from "./stack-on-docker";

const nginx = async ([port]: number[]) => [{ port: port!, holder: "nginx (process 4711)" }];

test("a port that somebody else holds is named with its holder and the way out", async () => {
  await assert.rejects(checkHostPort(new StackOnDocker(fakeDocker({}), "shop/dev"), 8080, nginx), {
    message:
      "Port 8080 of this machine is taken by nginx (process 4711). Free it, or take another one:\n" +
      "  npm run config -- set --stack dev --path flotilla:settings.httpPort 8081",
  });
});

test("a free port passes", async () => {
  await checkHostPort(new StackOnDocker(fakeDocker({}), "shop/dev"), 8080, async () => []);
});

test("the port of the stack's own container passes, another port of it does not", async () => {
  const ports = { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] };
  const docker = fakeDocker({ containers: { edge: inspected("edge", {}, { Status: "running" }, ports) } });
  const stack = new StackOnDocker(docker, "shop/dev");
  await checkHostPort(stack, 8080, nginx);
  await assert.rejects(checkHostPort(stack, 80, nginx), /Port 80 .* is taken/);
});
