/** RandomPassword and RandomString: text of chosen classes of characters. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import * as path from "node:path";
import { Worker } from "node:worker_threads";
import type { CheckFailure, Properties } from "../../provider";
import type { GeneratedKind } from "../generated";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const CLASSES = [
  { name: "special", minimum: "minSpecial", characters: "!@#$%&*()-_=+[]{}<>:?" },
  { name: "lower", minimum: "minLower", characters: LOWER },
  { name: "upper", minimum: "minUpper", characters: LOWER.toUpperCase() },
  { name: "numeric", minimum: "minNumeric", characters: "0123456789" },
] as const;

const DEFAULTS = {
  ...{ special: true, lower: true, upper: true },
  ...{ minSpecial: 0, minLower: 0, minUpper: 0, minNumeric: 0 },
};

const BCRYPT_COST = 10;
/** What comes after these is ignored by bcrypt. */
const BCRYPT_MAXIMUM_BYTES = 72;

/** `number` is the former name of `numeric`. */
function numeric(inputs: Properties): boolean {
  return inputs.numeric ?? inputs.number ?? true;
}

function classesOf(inputs: Properties) {
  return CLASSES.map(({ name, minimum, characters }) => ({
    name,
    minimum: Number(inputs[minimum]),
    used: name === "numeric" ? numeric(inputs) : Boolean(inputs[name]),
    characters: name === "special" && inputs.overrideSpecial ? String(inputs.overrideSpecial) : characters,
  }));
}

function pick(characters: string, count: number): string[] {
  return Array.from({ length: count }, () => characters[randomInt(characters.length)]);
}

function shuffle(characters: string[]): string[] {
  for (let index = characters.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [characters[index], characters[other]] = [characters[other], characters[index]];
  }
  return characters;
}

export function randomText(inputs: Properties): string {
  const classes = classesOf(inputs);
  const required = classes.flatMap(({ characters, minimum }) => pick(characters, minimum));
  const all = classes.map(({ characters, used }) => (used ? characters : "")).join("");
  return shuffle([...required, ...pick(all, inputs.length - required.length)]).join("");
}

function validate(inputs: Properties): CheckFailure[] {
  const required = classesOf(inputs).reduce((sum, { minimum }) => sum + minimum, 0);
  if (!Number.isInteger(inputs.length) || inputs.length < 1) {
    return [{ property: "length", reason: `must be a whole number of at least 1, got ${inputs.length}` }];
  }
  if (required > inputs.length) {
    return [
      {
        property: "length",
        reason: `must be at least ${required}, the sum of the minimums, got ${inputs.length}`,
      },
    ];
  }
  if (!classesOf(inputs).some(({ used }) => used)) {
    return [{ property: "lower", reason: "must be true, or upper, numeric or special must" }];
  }
  return [];
}

function outputs(inputs: Properties, result: string): Properties {
  return { number: numeric(inputs), numeric: numeric(inputs), result };
}

/** In a thread of its own: the tenth of a second that it takes in JavaScript would be one in which all else stands still. */
async function bcrypt(text: string, cost: number): Promise<string> {
  const file = path.join(__dirname, "bcrypt.cjs");
  const [hash] = await once(new Worker(file, { workerData: { text, cost }, execArgv: [] }), "message");
  return hash;
}

export const randomPassword: GeneratedKind = {
  defaults: DEFAULTS,
  required: ["length"],
  secretOutputs: ["bcryptHash", "result"],
  validate,
  async generate(inputs) {
    const result = randomText(inputs);
    const hashed = Buffer.from(result).subarray(0, BCRYPT_MAXIMUM_BYTES).toString();
    const bcryptHash = await bcrypt(hashed, BCRYPT_COST);
    const meta = JSON.stringify({ schema_version: "3" });
    return { id: "none", outputs: { __meta: meta, id: "none", bcryptHash, ...outputs(inputs, result) } };
  },
};

export const randomString: GeneratedKind = {
  defaults: DEFAULTS,
  required: ["length"],
  secretOutputs: [],
  validate,
  async generate(inputs) {
    const result = randomText(inputs);
    const meta = JSON.stringify({ schema_version: "2" });
    return { id: result, outputs: { __meta: meta, id: result, ...outputs(inputs, result) } };
  },
};
