import assert from "node:assert/strict";
import { once } from "node:events";
import * as fs from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { findListener, socketInodes } from "./listeners";
import { overlaps } from "./ports";

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27218 1 0 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27219 1 0 100 0 0 10 0
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 27220 1 0 20 4 30 10 -1
   3: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27221 1 0 100 0 0 10 0
`;

test("Sockets that listen on a port are found in the kernel's table, connections are not", () => {
  assert.deepEqual(socketInodes(table, 8080), ["27218", "27219"]);
  assert.deepEqual(socketInodes(table, 8081), ["27221"]);
  assert.deepEqual(socketInodes(table, 80), []);
});

test("The same address and a wildcard are in each other's way", () => {
  assert.equal(overlaps("127.0.0.1", "127.0.0.1"), true);
  assert.equal(overlaps("0.0.0.0", "127.0.0.1"), true);
  assert.equal(overlaps("127.0.0.1", "::"), true);
  assert.equal(overlaps("127.0.0.1", "127.0.0.2"), false);
});

test("The process behind a listening socket is found", { skip: process.platform !== "linux" }, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const inodes = socketInodes(fs.readFileSync("/proc/net/tcp", "utf8"), port);
    const name = fs.readFileSync("/proc/self/comm", "utf8").trim();
    assert.deepEqual(findListener(inodes), { pid: process.pid, name });
  } finally {
    server.close();
  }
});
