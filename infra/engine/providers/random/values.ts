/** RandomId, RandomBytes, RandomUuid and RandomInteger. */
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { CheckFailure, Properties } from "../../provider";
import type { GeneratedKind } from "../generated";

/** The widest range that node:crypto draws from evenly. */
const MAXIMUM_RANGE = 2 ** 48 - 1;

function atLeastOne(property: string): (inputs: Properties) => CheckFailure[] {
  return (inputs) =>
    Number.isInteger(inputs[property]) && inputs[property] >= 1
      ? []
      : [{ property, reason: `must be a whole number of at least 1, got ${inputs[property]}` }];
}

export const randomId: GeneratedKind = {
  defaults: {},
  required: ["byteLength"],
  secretOutputs: [],
  validate: atLeastOne("byteLength"),
  async generate({ byteLength, prefix = "" }) {
    const bytes = randomBytes(byteLength);
    const id = bytes.toString("base64url");
    return {
      id,
      outputs: {
        id,
        b64Std: prefix + bytes.toString("base64"),
        b64Url: prefix + id,
        dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
        hex: prefix + bytes.toString("hex"),
      },
    };
  },
};

export const randomBytesKind: GeneratedKind = {
  defaults: {},
  required: ["length"],
  secretOutputs: ["base64", "hex"],
  validate: atLeastOne("length"),
  async generate({ length }) {
    const bytes = randomBytes(length);
    const base64 = bytes.toString("base64");
    return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
  },
};

export const randomUuid: GeneratedKind = {
  defaults: {},
  required: [],
  secretOutputs: [],
  async generate() {
    const result = randomUUID();
    return { id: result, outputs: { id: result, result } };
  },
};

export const randomInteger: GeneratedKind = {
  defaults: {},
  required: ["min", "max"],
  secretOutputs: [],
  validate({ min, max, seed }) {
    if (seed !== undefined) {
      return [{ property: "seed", reason: "is not known to the embedded engine, which draws at random" }];
    }
    if (min > max) return [{ property: "min", reason: `must be at most max, got ${min} and ${max}` }];
    if (max - min >= MAXIMUM_RANGE) return [{ property: "max", reason: "must be less than 2^48 above min" }];
    return [];
  },
  async generate({ min, max }) {
    const result = randomInt(min, max + 1);
    return { id: String(result), outputs: { id: String(result), result } };
  },
};
