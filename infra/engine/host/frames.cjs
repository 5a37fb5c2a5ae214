/**
 * Messages over a stream, as both ends of the pipe between the engine and the program write and read them: the length in
 * four bytes, and then the value as V8 itself writes it down.
 */
const v8 = require("node:v8");

const LENGTH_BYTES = 4;

/**
 * @param {import("node:stream").Writable} stream
 * @param {unknown} message
 */
function send(stream, message) {
  const body = v8.serialize(message);
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32LE(body.length);
  stream.cork();
  stream.write(length);
  stream.write(body);
  process.nextTick(uncork, stream); // with what else this turn has to send
}

/** @param {import("node:stream").Writable} stream */
function uncork(stream) {
  stream.uncork();
}

/**
 * @param {import("node:stream").Readable} stream
 * @param {(message: any) => void} onMessage
 */
function receive(stream, onMessage) {
  /** @type {Buffer[]} What has come and is not yet a whole message. */
  let parts = [];
  let size = 0;
  let wanted = LENGTH_BYTES;
  let isBody = false;
  stream.on("data", (/** @type {Buffer} */ chunk) => {
    parts.push(chunk);
    size += chunk.length;
    if (size < wanted) return;
    let rest = parts.length === 1 ? chunk : Buffer.concat(parts);
    while (rest.length >= wanted) {
      const taken = rest.subarray(0, wanted);
      rest = rest.subarray(wanted);
      wanted = isBody ? LENGTH_BYTES : taken.readUInt32LE();
      isBody = !isBody;
      if (!isBody) onMessage(v8.deserialize(taken));
    }
    parts = [rest];
    size = rest.length;
  });
}

module.exports = { send, receive };
