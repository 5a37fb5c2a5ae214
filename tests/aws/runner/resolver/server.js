/**
 * The resolver of an emulated VPC: answers the names of Cloud Map from /records.json, and that there are no others.
 *
 * Plain JavaScript on Node's own modules, since it runs in a container of Node's image.
 */
const dgram = require("node:dgram");
const fs = require("node:fs");

const A = 1;
const ANY_CLASS_IN = 1;
const TTL_SECONDS = 5;
/** Cloud Map answers with eight at a time. */
const MOST_ANSWERS = 8;
const NO_SUCH_NAME = 3;

/** @returns {Record<string, string[]>} addresses by lower-case name */
function records() {
  try {
    return JSON.parse(fs.readFileSync("/records.json", "utf8"));
  } catch {
    return {};
  }
}

/** @param {Buffer} query */
function question(query) {
  const labels = [];
  let at = 12;
  for (let length = query[at]; length > 0; length = query[at]) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** @param {Buffer} query */
function answer(query) {
  const { name, type, end } = question(query);
  const known = records()[name];
  const addresses = type === A ? shuffled(known ?? []).slice(0, MOST_ANSWERS) : [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // An answer, by who has the name; recursion where it was asked for.
  header.writeUInt16BE(
    0x8480 | (query.readUInt16BE(2) & 0x0100) | (known === undefined ? NO_SUCH_NAME : 0),
    2,
  );
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, query.subarray(12, end), ...addresses.map(record)]);
}

/** @param {string} address */
function record(address) {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(0xc00c, 0); // the name of the question
  bytes.writeUInt16BE(A, 2);
  bytes.writeUInt16BE(ANY_CLASS_IN, 4);
  bytes.writeUInt32BE(TTL_SECONDS, 6);
  bytes.writeUInt16BE(4, 10);
  address.split(".").forEach((part, index) => {
    bytes[12 + index] = Number(part);
  });
  return bytes;
}

/** @param {string[]} list */
function shuffled(list) {
  return list
    .map((value) => ({ value, key: Math.random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ value }) => value);
}

const socket = dgram.createSocket("udp4");
socket.on("message", (query, { port, address }) => socket.send(answer(query), port, address));
socket.bind(53);
process.on("SIGTERM", () => process.exit(0));
