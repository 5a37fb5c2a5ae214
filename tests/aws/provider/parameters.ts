/** From a resource's inputs to the parameters of an operation, by the shapes of the service model. */
import type { Json } from "../emulator";
import type { AwsType } from "./aws-type";
import type { ServiceModel } from "./service-model";

/** Names of what a list of pairs has, as AWS's tags, settings and dimensions are. */
const PAIRS = [
  ["key", "value"],
  ["Key", "Value"],
  ["name", "value"],
  ["Name", "Value"],
  ["TagKey", "TagValue"],
];

export class Parameters {
  constructor(
    private readonly model: ServiceModel,
    private readonly type: Pick<AwsType, "rename" | "values">,
  ) {}

  /** @throws Error for an input that is no parameter. */
  of(operation: string, inputs: Json): Json {
    const parameters: Json = {};
    for (const [key, value] of defined(inputs)) {
      this.place(parameters, this.model.input(operation), key, value, key);
    }
    return parameters;
  }

  /** Whether an operation takes an input. */
  takes(operation: string, key: string, value: Json): boolean {
    try {
      this.of(operation, { [key]: value });
      return true;
    } catch {
      return false;
    }
  }

  private place(into: Json, shape: string, key: string, value: Json, path: string): void {
    const target = this.type.rename?.[path] ?? this.model.member(shape, key);
    if (target !== undefined) {
      this.assign(into, shape, target.split("."), value, path);
    } else if (Object.keys(this.type.rename ?? {}).some((renamed) => renamed.startsWith(`${path}.`))) {
      for (const [inner, part] of defined(single(value))) {
        this.place(into, shape, inner, part, `${path}.${inner}`);
      }
    } else {
      throw new Error(`${path} is no parameter of ${shape}, which has ${this.members(shape)}`);
    }
  }

  private assign(into: Json, shape: string, [name, ...rest]: string[], value: Json, path: string): void {
    const member = this.model.shape(shape).members?.[name];
    if (member === undefined) {
      throw new Error(`${path} is to be ${name} of ${shape}, which has ${this.members(shape)}`);
    }
    if (rest.length === 0) {
      const converted = this.convert(member.shape, this.type.values?.[path]?.[String(value)] ?? value, path);
      // Other inputs may be parts of the same structure.
      into[name] =
        this.model.shape(member.shape).type === "structure" ? { ...into[name], ...converted } : converted;
    } else {
      into[name] ??= {};
      this.assign(into[name], member.shape, rest, value, path);
    }
  }

  private convert(name: string, value: Json, path: string): Json {
    const shape = this.model.shape(name);
    switch (shape.type) {
      case "structure": {
        const structure: Json = {};
        for (const [key, part] of defined(single(parsed(value, "{")))) {
          this.place(structure, name, key, part, `${path}.${key}`);
        }
        return structure;
      }
      case "list":
        return this.list(shape.member!.shape, parsed(value, "["), path);
      case "map":
        return Object.fromEntries(
          defined(value).map(([key, part]) => [
            key,
            this.convert(shape.value!.shape, part, `${path}.${key}`),
          ]),
        );
      case "string":
        return text(value, shape.enum);
      case "boolean":
        return value === true || /^(true|enabled)$/i.test(String(value));
      case "blob":
        return archived(value);
      case "timestamp":
        return value;
      default:
        return Number(value);
    }
  }

  private list(member: string, value: Json, path: string): Json {
    const members = Object.keys(this.model.shape(member).members ?? {});
    const pair = PAIRS.find((names) => names.every((name) => members.includes(name)));
    if (pair !== undefined && !Array.isArray(value) && !pair.every((name) => Object.hasOwn(value, name))) {
      return defined(value).map(([key, part]) => ({ [pair[0]]: key, [pair[1]]: String(part) }));
    }
    return (Array.isArray(value) ? value : [value]).map((each) => this.convert(member, each, path));
  }

  private members(shape: string): string {
    return Object.keys(this.model.shape(shape).members ?? {}).join(", ");
  }
}

function defined(value: Json): [string, Json][] {
  return Object.entries(value).filter(([, part]) => part !== undefined && part !== null);
}

/** Pulumi has lists of one where the API has a structure. */
function single(value: Json): Json {
  return Array.isArray(value) ? value[0] : value;
}

/** Pulumi has JSON as text where the API has structure. */
function parsed(value: Json, start: string): Json {
  return typeof value === "string" && value.trimStart().startsWith(start) ? JSON.parse(value) : value;
}

/** Texts of an archive, as the bridge packs them. */
function archived(value: Json): Json {
  if (typeof value !== "object") return value;
  const texts = Object.entries<Json>(value.assets).map(([name, { text }]) => [name, text]);
  return { archive: Object.fromEntries(texts) };
}

function text(value: Json, allowed: string[] | undefined): string {
  if (typeof value === "boolean" && allowed !== undefined) {
    const words = value ? /^(enabled|on|true)$/i : /^(disabled|off|false)$/i;
    return allowed.find((each) => words.test(each)) ?? String(value);
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
