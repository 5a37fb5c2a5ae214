/**
 * A cloud in a file, for tests: one JSON file holds its objects, and every call is noted.
 */
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type CallContext,
  PartialCreateError,
  type Properties,
  type Provider,
  type ResourceState,
} from "../provider";
import { changedKeys } from "../wire/values";

type Old = ResourceState & { inputs: Properties };

interface CloudObject {
  urn: string;
  /** In milliseconds, as `Date.now`. */
  createdAt: number;
  inputs: Properties;
}

class Gate {
  resolve!: () => void;
  readonly promise = new Promise<void>((resolve) => {
    this.resolve = resolve;
  });
}

/** Inputs whose change asks for a new object. */
const REPLACING = ["immutable", "immutableReference"];

/**
 * Serves `fake:index:Thing`. Inputs steer it: `immutable` and `immutableReference` replace, `deleteBeforeReplace`
 * asks for that order, of `exclusive` ones there can be one at a time, `fail` names the call that fails (`check`, `create`, `partial-create`, `update`), `waitFor` what
 * a create waits for, and `crash` (`before`, `after`) kills the engine in the middle of a create.
 */
export class FakeProvider implements Provider {
  /** What was called, in order, e.g. `create first-1`. */
  readonly calls: string[] = [];
  /** Highest number of creates that ran at once. */
  mostAtOnce = 0;
  failDeletes = false;
  private running = 0;
  private readonly gates = new Map<string, Gate>();

  constructor(private file: string) {}

  /** Puts the cloud into another folder. */
  moveTo(folder: string): void {
    this.file = path.join(folder, "cloud.json");
  }

  /** Ids of what exists, sorted. */
  ids(): string[] {
    return Object.keys(this.load().objects).sort();
  }

  /** What exists, in the order of its making. */
  objects(): CloudObject[] {
    return Object.values(this.load().objects);
  }

  async check(_context: CallContext, _old: Properties | undefined, inputs: Properties) {
    const failures = inputs.fail === "check" ? [{ property: "fail", reason: "must not be check" }] : [];
    return { inputs, failures };
  }

  async diff(_context: CallContext, old: Old, inputs: Properties) {
    const keys = changedKeys(old.inputs, inputs);
    return {
      changed: keys.length > 0,
      changedKeys: keys,
      replaceKeys: keys.filter((key) => REPLACING.includes(key)),
      deleteBeforeReplace: inputs.deleteBeforeReplace === true,
      stables: ["arn"],
    };
  }

  async create(context: CallContext, inputs: Properties) {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
    try {
      await this.hold(context, inputs);
      return this.make(context, inputs);
    } finally {
      this.running--;
    }
  }

  /** Lets the creates go on that have this as their `waitFor`. */
  release(gate: string): void {
    this.gate(gate).resolve();
  }

  /** Waits until the create of a resource with a `waitFor` has begun. */
  entered(name: string): Promise<void> {
    return this.gate(`entered ${name}`).promise;
  }

  private async hold({ name, signal }: CallContext, inputs: Properties): Promise<void> {
    this.release(`entered ${name}`);
    if (inputs.waitFor) await this.gate(inputs.waitFor).promise;
    if (inputs.fail === "wait-for-abort") {
      const connection = setInterval(() => undefined, 1000); // as an open request keeps a real provider's process alive
      await once(signal, "abort").finally(() => clearInterval(connection));
      signal.throwIfAborted();
    }
    await setImmediate(); // so that others can begin too
  }

  private gate(name: string): Gate {
    const gate = this.gates.get(name) ?? new Gate();
    this.gates.set(name, gate);
    return gate;
  }

  private make(context: CallContext, inputs: Properties) {
    if (inputs.fail === "create") throw new Error(`quota exceeded for ${context.name}`);
    if (inputs.crash === "before") process.kill(process.pid, "SIGKILL");
    const cloud = this.load();
    const isTaken = Object.values(cloud.objects).some(({ urn }) => urn === context.urn);
    if (inputs.exclusive && isTaken) throw new Error(`${context.name} exists already`);
    cloud.made++;
    const id = `${context.name}-${cloud.made}`;
    cloud.objects[id] = { urn: context.urn, createdAt: Date.now(), inputs };
    this.write(cloud);
    if (inputs.crash === "after") process.kill(process.pid, "SIGKILL");
    this.calls.push(`create ${id}`);
    const state = { id, outputs: outputsOf(id, inputs) };
    if (inputs.fail === "partial-create")
      throw new PartialCreateError(`${context.name} is not healthy${quoted(inputs)}`, state);
    return state;
  }

  async update(context: CallContext, old: Old, inputs: Properties) {
    if (inputs.fail === "update") throw new Error(`cannot update ${context.name}`);
    const cloud = this.load();
    cloud.objects[old.id] = { ...cloud.objects[old.id], urn: context.urn, inputs };
    this.write(cloud);
    this.calls.push(`update ${old.id}`);
    return outputsOf(old.id, inputs);
  }

  async delete(context: CallContext, old: Old) {
    if (this.failDeletes) throw new Error(`cannot delete ${context.name}`);
    const cloud = this.load();
    delete cloud.objects[old.id];
    this.write(cloud);
    this.calls.push(`delete ${old.id}`);
  }

  async read(_context: CallContext, id: string) {
    const found = this.load().objects[id];
    return found && { id, inputs: found.inputs, outputs: outputsOf(id, found.inputs) };
  }

  async invoke(token: string, args: Properties) {
    if (token !== "fake:index:getAnswer") throw new Error(`There is no function ${token}.`);
    return { answer: 42, given: args };
  }

  recover?: Provider["recover"] = async ({ urn }, inputs, since) => {
    const isIt = (made: CloudObject) => made.urn === urn && made.createdAt >= since.getTime();
    const found = Object.entries(this.load().objects).find(([, made]) => isIt(made));
    return found && { id: found[0], outputs: outputsOf(found[0], inputs) };
  };

  /** Changes the cloud behind the engine's back. */
  tamper(change: (objects: Record<string, CloudObject>) => void): void {
    const cloud = this.load();
    change(cloud.objects);
    this.write(cloud);
  }

  private load(): { made: number; objects: Record<string, CloudObject> } {
    return existsSync(this.file) ? JSON.parse(readFileSync(this.file, "utf8")) : { made: 0, objects: {} };
  }

  private write(cloud: object): void {
    writeFileSync(`${this.file}.tmp`, JSON.stringify(cloud));
    renameSync(`${this.file}.tmp`, this.file);
  }
}

/** As a provider words its errors that shows what it was given. */
function quoted(inputs: Properties): string {
  return inputs.quote ? `: ${JSON.stringify(inputs)}` : "";
}

function outputsOf(id: string, inputs: Properties): Properties {
  const echo = inputs.value === undefined ? undefined : `echo-${inputs.value}`;
  return { ...inputs, arn: `arn:${id}`, echo, password: `password-of-${id}` };
}
