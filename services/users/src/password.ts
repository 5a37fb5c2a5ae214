import { randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

// 16 MiB and about 0.2 s of one core for each hash: dear to guess, and four at a time fit a small container.
const logCost = 14;
const blockSize = 8;
const parallelization = 5;
const saltBytes = 16;
const hashBytes = 32;

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}

/** Hashes a password with a salt of its own; the result names its parameters, so that they may change later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, hashBytes, { N: 2 ** logCost, r: blockSize, p: parallelization });
  return `$scrypt$ln=${logCost},r=${blockSize},p=${parallelization}$${base64(salt)}$${base64(hash)}`;
}
