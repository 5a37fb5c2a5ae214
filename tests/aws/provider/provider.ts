/** Pulumi's aws package on the emulated account, for the embedded engine: what it does stands in the table of types. */
import { setTimeout as pause } from "node:timers/promises";
import type {
  CallContext,
  DiffResult,
  Properties,
  Provider,
  ResourceState,
} from "../../../infra/engine/provider";
import { PartialCreateError } from "../../../infra/engine/provider";
import { changedKeys } from "../../../infra/engine/wire/values";
import { type AwsClient, AwsError, type Json } from "../emulator";
import type { Also, AwsType, Call, Query } from "./aws-type";
import { callFunction } from "./functions";
import { Parameters } from "./parameters";
import { ServiceModel } from "./service-model";
import { at, fill } from "./template";
import { awsTypes, retagging } from "./types";

type Old = ResourceState & { inputs: Properties };

const POLL_MS = 250;
const READY_WITHIN_MS = 4 * 60_000;

export class AwsProvider implements Provider {
  /** @param packages folder that has botocore */
  constructor(
    private readonly aws: AwsClient,
    private readonly packages: string,
  ) {}

  async check({ type, name }: CallContext, _old: Properties | undefined, inputs: Properties) {
    const { named = [] } = this.type(type);
    const isNameless = named.includes("name") && inputs.name === undefined;
    const failures = isNameless
      ? [{ property: "name", reason: `must be given: ${name} would get a name by chance` }]
      : [];
    return { inputs, failures };
  }

  async diff({ type }: CallContext, old: Old, inputs: Properties): Promise<DiffResult> {
    const row = this.type(type);
    const changed = changedKeys(old.inputs, inputs);
    const replaceKeys = changed.filter((key) => !this.isUpdatable(row, key, inputs[key] ?? old.inputs[key]));
    return {
      changed: changed.length > 0,
      changedKeys: changed,
      replaceKeys,
      deleteBeforeReplace: row.named?.every((key) => !changed.includes(key)) ?? false,
      stables: ["arn"],
    };
  }

  async create(context: CallContext, inputs: Properties): Promise<ResourceState> {
    const row = this.type(context.type);
    const result = await this.send(row, row.create, this.mapped(row, row.create[0], inputs), { inputs });
    const [sign, reason] = row.failed ?? [];
    if (sign !== undefined && at(result, sign)) throw new Error(`${context.name}: ${at(result, reason!)}`);
    const outputs: Properties = { ...inputs };
    for (const [output, path] of Object.entries(row.created ?? {})) {
      outputs[output] = at(result, path);
    }
    const values = { inputs, outputs, result };
    const id = typeof row.id === "string" ? fill(row.id, values) : await this.query(row, row.id, values);
    try {
      for (const call of row.afterwards ?? []) {
        // What is made again over what a delete has left may have it behind itself.
        await this.send(row, call, {}, { ...values, id }).catch(unlessMissing);
      }
      for (const also of row.also ?? []) {
        if (!also.onlyUpdates) await this.sendAlso(row, also, { ...values, id });
      }
      return { id, outputs: await this.settled(context, row, { id, inputs, outputs }) };
    } catch (error) {
      throw new PartialCreateError((error as Error).message, { id, outputs });
    }
  }

  async update(context: CallContext, old: Old, inputs: Properties): Promise<Properties> {
    const row = this.type(context.type);
    const changed = changedKeys(old.inputs, inputs);
    const values = { id: old.id, outputs: old.outputs, inputs };
    for (const also of this.alsoOf(row)) {
      if (also.inputs.some((key) => changed.includes(key))) await this.sendAlso(row, also, values);
    }
    const [operation] = row.update ?? [];
    if (
      operation !== undefined &&
      changed.some((key) => this.isParameter(row, operation, key, inputs[key]))
    ) {
      const taken = Object.entries(inputs).filter(
        ([key, value]) =>
          this.isParameter(row, operation, key, value) &&
          (changed.includes(key) || !row.onlyChanged?.includes(key)),
      );
      await this.send(row, row.update!, this.mapped(row, operation, Object.fromEntries(taken)), values);
    }
    return this.settled(context, row, { ...old, inputs });
  }

  async delete(context: CallContext, old: Old): Promise<void> {
    const row = this.type(context.type);
    for (const call of row.delete) {
      await this.send(row, call, {}, old).catch(unlessMissing);
    }
    if (row.gone === undefined) return;
    for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await pause(POLL_MS)) {
      const found = await this.find(row, old);
      if (found === undefined) return;
      context.signal.throwIfAborted();
    }
    throw new Error(`${context.name} is still there.`);
  }

  async read({ type }: CallContext, id: string, inputs: Properties, outputs: Properties) {
    const row = this.type(type);
    const found = await this.find(row, { id, inputs, outputs });
    if (found === undefined) return undefined;
    const imported = Object.keys(inputs).length === 0 ? importedInputs(row, found) : {};
    const drifted = { ...imported, ...this.drift(row, inputs, found) };
    return {
      id,
      inputs: { ...inputs, ...drifted },
      outputs: { ...this.outputs(row, { id, inputs, outputs }, found), ...drifted },
    };
  }

  invoke(token: string, args: Properties): Promise<Properties> {
    return callFunction(this.aws, token, args);
  }

  private type(name: string): AwsType {
    const row = awsTypes[name];
    if (row === undefined) {
      throw new Error(`The tests' aws provider has no ${name}: add a row to tests/aws/provider/types.`);
    }
    return row;
  }

  /** Requests of their own, that for tags among them. */
  private alsoOf(row: AwsType): Also[] {
    const call = row.retag ?? retagging[row.service];
    return call === undefined ? (row.also ?? []) : [...(row.also ?? []), { inputs: ["tags"], call }];
  }

  private isUpdatable(row: AwsType, key: string, value: Json): boolean {
    if (row.replace?.includes(key)) return false;
    const isAlso = this.alsoOf(row).some(({ inputs }) => inputs.includes(key));
    const isOurs = row.ignore?.includes(key) && !JSON.stringify(row.create).includes(`{inputs.${key}}`);
    return isAlso || isOurs || (row.update !== undefined && this.isParameter(row, row.update[0], key, value));
  }

  private isParameter(row: AwsType, operation: string, key: string, value: Json): boolean {
    return (
      value !== undefined && !row.ignore?.includes(key) && this.parameters(row).takes(operation, key, value)
    );
  }

  private parameters(row: AwsType): Parameters {
    return new Parameters(ServiceModel.of(this.packages, row.service), row);
  }

  /** The parameters of a create for inputs that have no request of their own. */
  private mapped(row: AwsType, operation: string, inputs: Properties): Json {
    const elsewhere = (row.also ?? [])
      .filter(({ onlyUpdates }) => !onlyUpdates)
      .flatMap((also) => also.inputs);
    const { tags, ...rest } = inputs;
    const own = Object.entries(rest).filter(([key]) => ![...elsewhere, ...(row.ignore ?? [])].includes(key));
    const mapped = this.parameters(row).of(operation, Object.fromEntries(own));
    if (tags === undefined || row.ignore?.includes("tags")) return mapped;
    if (row.tagged === undefined) {
      const isTaken = this.parameters(row).takes(operation, "tags", tags);
      return isTaken ? { ...mapped, ...this.parameters(row).of(operation, { tags }) } : mapped;
    }
    const pairs = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const isCreate = operation === row.create[0] && pairs.length > 0;
    return isCreate ? { ...mapped, TagSpecifications: [{ ResourceType: row.tagged, Tags: pairs }] } : mapped;
  }

  private send(row: AwsType, [operation, template]: Call, mapped: Json, values: Json): Promise<Json> {
    const { region } = this.aws;
    // The oldest region is the one that S3 wants unsaid.
    const location = region === "us-east-1" ? undefined : region;
    const filled = fill(template, { ...values, region, location }) ?? {};
    return this.aws.call(row.service, operation, { ...mapped, ...filled });
  }

  private async sendAlso(row: AwsType, also: Also, values: Json): Promise<void> {
    const value = values.inputs[also.inputs[0]];
    if (value === undefined) return;
    const model = ServiceModel.of(this.packages, row.service);
    const [operation, template] = also.call;
    const key = Object.entries(template).find(([, each]) => each === "{value}")?.[0];
    // What a request takes whole has the shape that its model says.
    const shaped = key === undefined ? {} : new Parameters(model, {}).of(operation, { [key]: value });
    const single = Array.isArray(value) ? value[0] : value;
    const { [key ?? ""]: _, ...rest } = template;
    await this.send(row, [operation, rest], shaped, { ...values, value: single, text: String(value) });
  }

  private async query(row: AwsType, [operation, parameters, select]: Query, values: Json): Promise<Json> {
    const all = { ...values, region: this.aws.region };
    return this.aws.call(row.service, operation, fill(parameters, all) ?? {}, fill(select, all));
  }

  private async find(row: AwsType, values: Old): Promise<Json | undefined> {
    const found = await this.query(row, row.read, values).catch(unlessMissing);
    const isGone = Object.entries(row.gone ?? {}).some(([key, state]) => found?.[key] === state);
    return isGone ? undefined : (found ?? undefined);
  }

  /** Outputs once what was made is as the type wants it. */
  private async settled(context: CallContext, row: AwsType, state: Old): Promise<Properties> {
    for (const until = Date.now() + READY_WITHIN_MS; ; await pause(POLL_MS)) {
      const found = await this.find(row, state);
      if (found === undefined) throw new Error(`${context.name} is not there after it was made.`);
      const isReady = row.ready?.(found, state.inputs) ?? true;
      if (isReady === true) return this.outputs(row, state, found);
      if (Date.now() > until) throw new Error(`${context.name} is not ready: ${isReady}`);
      context.progress(isReady);
      context.signal.throwIfAborted();
    }
  }

  private outputs(row: AwsType, state: Old, found: Json): Properties {
    const outputs: Properties = { ...state.outputs, ...state.inputs };
    const values = { ...state, region: this.aws.region };
    for (const [output, path] of Object.entries(row.outputs ?? {})) {
      outputs[output] = path.includes("{") ? fill(path, values) : at(found, path);
    }
    for (const [output, [from, pattern]] of Object.entries(row.parts ?? {})) {
      outputs[output] = pattern.exec(outputs[from])?.[1];
    }
    return outputs;
  }

  /** Inputs whose plain value is another one in what is found under the same name. */
  private drift(row: AwsType, inputs: Properties, found: Json): Properties {
    const drifted: Properties = {};
    for (const [key, value] of Object.entries(inputs)) {
      if (typeof value === "object" || row.ignore?.includes(key) || row.values?.[key]) continue;
      const name = row.rename?.[key] ?? key;
      const there = Object.keys(found).find((each) => each.toLowerCase() === name.toLowerCase());
      const actual = there === undefined ? undefined : found[there];
      const isPlain = actual !== undefined && actual !== null && typeof actual !== "object";
      if (isPlain && String(actual) !== String(value))
        drifted[key] = typeof value === "number" ? Number(actual) : actual;
    }
    return drifted;
  }
}

/** What a program would have to say of something that it did not make. */
function importedInputs({ imported }: AwsType, found: Json): Properties {
  if (imported === undefined) return {};
  const inputs = Object.entries(imported).map(([input, path]) => [input, at(found, path)]);
  const tags = found.Tags.map(({ Key, Value }: Json) => [Key, Value]);
  return { ...Object.fromEntries(inputs), tags: Object.fromEntries(tags) };
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof AwsError && error.isMissing) return undefined;
  throw error;
}
