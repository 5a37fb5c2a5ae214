/**
 * Watches a run, call by call, for what must never happen, whatever the program is.
 */
import type { EngineEvent } from "../../events";
import type { Cloud, Mutation, Observer } from "./cloud";
import { needs, type Program, type Spec } from "./programs";

/** What is there: an object of the cloud by its id, or a group by its key. */
interface Node {
  key: string;
  spec: Spec;
  /** What it hangs on, and what of that it cannot live without. */
  on: Set<string>;
  hardOn: Set<string>;
}

const counted = (): Record<Mutation, number> => ({ create: 0, update: 0, delete: 0 });

export class Watch implements Observer {
  readonly violations: string[] = [];
  /** What stays in the cloud although it left the state, as its options say. */
  readonly left = new Set<string>();
  /** The object or group that each key of the program stands for. */
  readonly current = new Map<string, string>();
  /** Of this run. */
  deletedFirst = new Set<string>();
  calls = new Map<string, Record<Mutation, number>>();
  private sentKeys = new Set<string>();
  private registered = new Set<string>();
  private program = new Map<string, Spec>();
  private parallel = 0;
  private isFinishing = false;
  private asking = 0;
  private readonly nodes = new Map<string, Node>();
  private readonly underWay: { mutation: Mutation; key: string; id?: string }[] = [];

  constructor(private readonly cloud: Cloud) {}

  begin(program: Program, parallel: number): void {
    this.program = new Map(program.map((spec) => [spec.key, spec]));
    this.parallel = parallel;
    this.isFinishing = false;
    this.sentKeys = new Set();
    this.registered = new Set();
    this.deletedFirst = new Set();
    this.calls = new Map();
  }

  /** All is registered; what follows are the deletes at the end. */
  finish(): void {
    this.isFinishing = true;
  }

  /** The program asks for a resource. */
  sent(spec: Spec): void {
    this.sentKeys.add(spec.key);
    this.bind(spec, this.current.get(spec.key));
  }

  /** A registration was answered. */
  settled(spec: Spec, id: string | undefined): void {
    this.registered.add(spec.key);
    this.put(spec, id ?? spec.key);
  }

  /** Nothing that is there is protected any more. */
  unprotect(): void {
    for (const node of this.nodes.values()) node.spec = { ...node.spec, protect: false };
  }

  asked(): void {
    this.asking++;
    if (this.asking > this.parallel)
      this.violations.push(`${this.asking} calls at once, of ${this.parallel}`);
  }

  answered(): void {
    this.asking--;
  }

  began(mutation: Mutation, key: string, id?: string): void {
    const call = { mutation, key, id };
    for (const other of this.underWay) {
      const isAnotherObject = mutation === "delete" && other.mutation === "delete" && other.id !== id;
      if (other.key === key && !isAnotherObject) {
        this.violations.push(`${mutation} of ${key} began during its ${other.mutation}`);
      }
    }
    this.underWay.push(call);
    const counts = this.calls.get(key) ?? counted();
    counts[mutation]++;
    this.calls.set(key, counts);
    if (mutation === "delete") this.beganDelete(id!);
    else this.beganMake(mutation, key);
  }

  ended(mutation: Mutation, key: string, id?: string): void {
    const index = this.underWay.findIndex((call) => call.key === key && call.mutation === mutation);
    this.underWay.splice(index, 1);
    if (mutation === "create" && id) this.put(this.program.get(key)!, id);
    for (const node of [...this.nodes.keys()]) {
      if (!this.cloud.objects.has(node) && node.includes("-")) this.nodes.delete(node);
    }
  }

  heard(event: EngineEvent): void {
    if (!("operation" in event)) return;
    const [key] = event.name.split("_");
    const isDelete = ["delete", "delete-replaced", "retain"].includes(event.operation);
    if (!isDelete || event.kind === "step-failed") return;
    if (event.kind === "step-started") {
      if (event.operation === "delete-replaced" && !this.isFinishing) this.deletedFirst.add(key);
      if (this.program.get(key)?.kind === "group" || key.startsWith("g")) this.beganDelete(key);
      return;
    }
    const id = event.kind === "step-finished" ? (event.id ?? key) : key;
    this.nodes.delete(id);
    if (this.cloud.objects.has(id)) this.left.add(id);
  }

  private put(spec: Spec, id: string): void {
    const ids = (keys: string[]) => new Set(keys.map((key) => this.current.get(key)!));
    this.current.set(spec.key, id);
    const hard = [...spec.hard, ...(spec.deletedWith ? [spec.deletedWith] : [])];
    this.nodes.set(id, { key: spec.key, spec, on: ids(needs(spec)), hardOn: ids(hard) });
    this.bind(spec, id);
  }

  /** Where an object lives is up to the program that knows it. */
  private bind({ deletedWith }: Spec, id: string | undefined): void {
    if (id) this.cloud.bind(id, deletedWith && this.current.get(deletedWith));
  }

  private beganMake(mutation: Mutation, key: string): void {
    const missing = needs(this.program.get(key)!).filter((other) => !this.registered.has(other));
    if (missing.length > 0) this.violations.push(`${mutation} of ${key} began before ${missing} was there`);
  }

  private beganDelete(id: string): void {
    const node = this.nodes.get(id);
    for (const [other, { key, on, hardOn }] of this.nodes) {
      // What the program has asked for before this one takes nothing of it any more, though its old object did.
      const hangs = this.isFinishing ? on.has(id) : hardOn.has(id) && !this.sentKeys.has(key);
      if (hangs && other !== id) this.violations.push(`delete of ${id} began while ${other} hung on it`);
    }
    const stays = this.program.get(node?.key ?? "");
    if (node?.spec.protect && (!stays || stays.protect)) this.violations.push(`${id} is protected`);
  }
}
