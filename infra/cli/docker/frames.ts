/** Docker's framing of several streams in one: a header of 8 bytes with the stream's number and the length. */

export interface Frame {
  /** 1 is standard output, 2 is standard error. */
  stream: number;
  bytes: Buffer;
}

const headerBytes = 8;
const rawStream = 1;

export class FrameDecoder {
  #bytes = Buffer.alloc(0);

  /** @param raw whether a terminal wrote it: then there are no frames. */
  constructor(private readonly raw: boolean) {}

  /** Takes the next bytes, and returns the frames that they complete. */
  push(chunk: Buffer): Frame[] {
    if (this.raw) {
      return [{ stream: rawStream, bytes: chunk }];
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const frames: Frame[] = [];
    while (this.#bytes.length >= headerBytes) {
      const end = headerBytes + this.#bytes.readUInt32BE(4);
      if (this.#bytes.length < end) {
        break;
      }
      frames.push({ stream: this.#bytes[0]!, bytes: this.#bytes.subarray(headerBytes, end) });
      this.#bytes = this.#bytes.subarray(end);
    }
    return frames;
  }
}
