import assert from "node:assert/strict";
import { test } from "node:test";
import { remoteHost } from "./remote-host";

const cases: [string, string | undefined][] = [
  ["unix:///var/run/docker.sock", undefined],
  ["npipe:////./pipe/docker_engine", undefined],
  ["tcp://127.0.0.1:2375", undefined],
  ["tcp://localhost:2375", undefined],
  ["tcp://[::1]:2375", undefined],
  ["tcp://10.0.0.5:2376", "10.0.0.5"],
  ["tcp://[fe80::1]:2376", "[fe80::1]"],
  ["ssh://me@server", "server"],
];

for (const [url, host] of cases) {
  test(`the daemon at ${url} runs on ${host ?? "this machine"}`, () => {
    assert.equal(remoteHost(url), host);
  });
}
