/**
 * Assets and archives: what a change of theirs is told by, a hash of the content, as Pulumi computes it.
 */
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import type { Properties } from "../provider";
import { isObject, SIGNATURE, type Value } from "./values";

const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** Pulumi's folder of a project, which no archive takes along. */
const BOOKKEEPING = ".pulumi";

const PACKED = /\.(tar|tgz|tar\.gz|zip|jar)$/;
const BLOCK_BYTES = 512;

function isAsset(value: Value): boolean {
  return isObject(value) && value[SIGNATURE] === ASSET;
}

function isArchive(value: Value): boolean {
  return isObject(value) && value[SIGNATURE] === ARCHIVE;
}

function hasContents(value: Value): boolean {
  if (value === null || typeof value !== "object") return false;
  return isAsset(value) || isArchive(value) || Object.values(value).some(hasContents);
}

/** The value with the hash of each asset and archive in it; paths are relative to `directory`. */
export async function withHashes(value: Value, directory: string): Promise<Value> {
  return hasContents(value) ? hashed(value, directory) : value;
}

async function hashed(value: Value, directory: string): Promise<Value> {
  if (value === null || typeof value !== "object") return value;
  if (isAsset(value)) return { ...described(value), hash: digest(await contentOf(value, directory)) };
  if (isArchive(value)) {
    const assets = value.assets ? { assets: await hashed(value.assets, directory) } : {};
    return { ...described(value), ...assets, hash: await archiveHash(value, directory) };
  }
  if (Array.isArray(value)) return Promise.all(value.map((part) => hashed(part, directory)));
  const entries = Object.entries(value).map(async ([key, part]) => [key, await hashed(part, directory)]);
  return Object.fromEntries(await Promise.all(entries));
}

/** The value with assets and archives reduced to their hashes, as they are compared. */
export function withoutContents(value: Value): Value {
  if (value === null || typeof value !== "object") return value;
  if ((isAsset(value) || isArchive(value)) && value.hash) {
    return { [SIGNATURE]: value[SIGNATURE], hash: value.hash };
  }
  if (Array.isArray(value)) return value.map(withoutContents);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutContents(part)]));
}

/** What of an asset or an archive is kept, beside its parts; the SDK sends more. */
function described({ [SIGNATURE]: signature, text, path: file, uri }: Properties): Properties {
  return {
    [SIGNATURE]: signature,
    ...(text ? { text } : {}),
    ...(file ? { path: file } : {}),
    ...(uri ? { uri } : {}),
  };
}

function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

async function contentOf({ text, path: file, uri }: Properties, directory: string): Promise<Buffer> {
  if (file) return readFile(path.resolve(directory, file));
  if (uri) return download(uri);
  return Buffer.from(text ?? "");
}

async function download(uri: string): Promise<Buffer> {
  if (uri.startsWith("file:")) return readFile(fileURLToPath(uri));
  const response = await fetch(uri);
  if (!response.ok) throw new Error(`${uri} answers ${response.status}.`);
  return Buffer.from(await response.arrayBuffer());
}

async function archiveHash(archive: Properties, directory: string): Promise<string> {
  const { path: file, uri } = archive;
  if (PACKED.test(file ?? uri ?? "")) return digest(await contentOf(archive, directory));
  const hash = createHash("sha256");
  const seen = new Set<string>();
  for await (const { name, content } of members(archive, directory)) {
    if (seen.has(name)) continue;
    seen.add(name);
    addMember(hash, name, content);
  }
  return hash.update(Buffer.alloc(2 * BLOCK_BYTES)).digest("hex");
}

interface Member {
  name: string;
  content: Buffer;
}

/** The files of an archive that is not packed, in the order of their names. */
async function* members({ assets, path: file, uri }: Properties, directory: string): AsyncGenerator<Member> {
  if (assets) {
    for (const name of Object.keys(assets).sort()) {
      const part: Properties = assets[name];
      if (isAsset(part)) yield { name, content: await contentOf(part, directory) };
      else {
        for await (const member of members(part, directory)) {
          yield { name: path.posix.join(name, member.name), content: member.content };
        }
      }
    }
  } else if (file) yield* folderMembers(path.resolve(directory, file), "");
  else throw new Error(`An archive must have assets, a folder or a packed file, got ${uri ?? "nothing"}.`);
}

function* folderMembers(folder: string, prefix: string): Generator<Member> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const place = path.join(folder, entry.name);
    if (entry.name === BOOKKEEPING) continue;
    const name = path.posix.join(prefix, entry.name);
    if (entry.isDirectory()) yield* folderMembers(place, name);
    else if (!statSync(place).isDirectory()) yield { name, content: readFileSync(place) };
  }
}

/** Adds a file as a tar of the old format has it: what is hashed are these bytes. */
function addMember(hash: Hash, name: string, content: Buffer): void {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, at: number, digits: number) =>
    header.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "latin1");
  const { base, prefix } = splitName(name);
  header.write(base, 0);
  octal(0o600, 100, 7);
  octal(0, 108, 7); // user
  octal(0, 116, 7); // group
  octal(content.length, 124, 11);
  octal(0, 136, 11); // time
  header.fill(" ", 148, 156); // of the checksum, while it is computed
  header.write("0", 156);
  header.write("ustar\x0000", 257, "latin1");
  octal(0, 329, 7);
  octal(0, 337, 7);
  header.write(prefix, 345);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  octal(checksum, 148, 6);
  hash.update(header).update(content);
  const rest = content.length % BLOCK_BYTES;
  if (rest > 0) hash.update(Buffer.alloc(BLOCK_BYTES - rest));
}

/** A name of more than 100 bytes has its folders in a field of their own. */
function splitName(name: string): { base: string; prefix: string } {
  if (Buffer.byteLength(name) <= 100) return { base: name, prefix: "" };
  const cut = name.lastIndexOf("/", 155);
  return cut > 0 ? { base: name.slice(cut + 1), prefix: name.slice(0, cut) } : { base: name, prefix: "" };
}
