import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

// 16 MiB and about 0.2 s of one core for each hash: dear to guess, and four at a time fit a small container.
const logCost = 14;
const blockSize = 8;
const parallelization = 5;
const saltBytes = 16;
const hashBytes = 32;

const kept = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** Of no password, so that a refusal takes as long where there is no user as where there is one. */
const nobodys = encode(Buffer.alloc(saltBytes), Buffer.alloc(hashBytes));

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}

/** The result names its parameters, so that they may change later. */
function encode(salt: Buffer, hash: Buffer): string {
  return `$scrypt$ln=${logCost},r=${blockSize},p=${parallelization}$${base64(salt)}$${base64(hash)}`;
}

/** Hashes a password with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, hashBytes, { N: 2 ** logCost, r: blockSize, p: parallelization });
  return encode(salt, hash);
}

/** Whether this is the password of a hash that was kept; takes as long when there is none. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, cost, r, p, salt, expected] = kept.exec(hash ?? nobodys) ?? [];
  if (salt === undefined || expected === undefined) throw new Error("The hash of a password cannot be read.");
  const options = { N: 2 ** Number(cost), r: Number(r), p: Number(p) };
  const wanted = Buffer.from(expected, "base64");
  const derived = await derive(password, Buffer.from(salt, "base64"), wanted.length, options);
  return timingSafeEqual(derived, wanted) && hash !== undefined;
}
