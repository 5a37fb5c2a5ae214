/**
 * A cloud in memory whose calls take random time, and who tells an observer of each while it goes on.
 */
import { setImmediate } from "node:timers/promises";
import { type CallContext, PartialCreateError, type Properties, type Provider } from "../../provider";

export type Mutation = "create" | "update" | "delete";

/** Sees what the engine asks of the cloud; `id` is of what is updated or deleted. */
export interface Observer {
  asked(): void;
  answered(): void;
  began(mutation: Mutation, key: string, id?: string): void;
  ended(mutation: Mutation, key: string, id?: string): void;
}

interface CloudObject {
  inputs: Properties;
  /** Id of what takes it along when it goes. */
  deletedWith?: string;
}

/** Numbers by chance, the same again for the same seed. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const TYPES = { thing: "fake:index:Thing", single: "fake:index:Single", group: "fake:index:Group" };

/** Inputs: `key`, `value`, `soft`; a change of `immutable` or `hard` replaces. */
export class Cloud implements Provider {
  readonly objects = new Map<string, CloudObject>();
  /** How many mutations come until one fails; undefined for none. */
  failure: { at: number; isHalfMade: boolean } | undefined;
  hasFailed = false;
  observer!: Observer;
  private made = 0;

  /** How long questions and changes take at most: which of them overlap hangs on that. */
  private readonly mostTime: { ask: number; change: number };

  constructor(private readonly random: (below: number) => number) {
    this.mostTime = { ask: 1 + random(6), change: 1 + random(12) };
  }

  /** What goes when another one goes. */
  bind(id: string, deletedWith: string | undefined): void {
    const object = this.objects.get(id);
    if (object) object.deletedWith = deletedWith;
  }

  check(_context: CallContext, _old: Properties | undefined, inputs: Properties) {
    return this.ask(async () => ({ inputs, failures: [] }));
  }

  diff({ type }: CallContext, old: { inputs: Properties }, inputs: Properties) {
    return this.ask(async () => {
      const keys = ["value", "soft", "immutable", "hard"].filter(
        (key) => JSON.stringify(old.inputs[key]) !== JSON.stringify(inputs[key]),
      );
      return {
        ...{ changed: keys.length > 0, changedKeys: keys },
        replaceKeys: keys.filter((key) => key === "immutable" || key === "hard"),
        ...{ deleteBeforeReplace: type === TYPES.single, stables: [] },
      };
    });
  }

  create(_context: CallContext, inputs: Properties) {
    return this.mutate("create", inputs.key, undefined, async (fails) => {
      if (fails && !this.failure?.isHalfMade) throw new Error("out of quota");
      const id = `${inputs.key}-${++this.made}`;
      this.objects.set(id, { inputs });
      const state = { id, outputs: this.outputs(inputs) };
      if (fails) throw new PartialCreateError("not healthy", state);
      return state;
    });
  }

  update(_context: CallContext, { id }: { id: string }, inputs: Properties) {
    return this.mutate("update", inputs.key, id, async (fails) => {
      if (fails) throw new Error("out of order");
      this.objects.get(id)!.inputs = inputs;
      return this.outputs(inputs);
    });
  }

  delete(_context: CallContext, { id, inputs }: { id: string; inputs: Properties }) {
    return this.mutate("delete", inputs.key, id, async (fails) => {
      if (fails) throw new Error("in use");
      this.remove(id);
    });
  }

  async read(): Promise<undefined> {}

  async invoke(): Promise<Properties> {
    return {};
  }

  private remove(id: string): void {
    this.objects.delete(id);
    for (const [other, { deletedWith }] of this.objects) if (deletedWith === id) this.remove(other);
  }

  private outputs(inputs: Properties): Properties {
    return { ...inputs, stamp: `stamp ${++this.made}` };
  }

  private async ask<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    this.observer.asked();
    try {
      await this.passTime(this.mostTime.ask);
      return await answer();
    } finally {
      this.observer.answered();
    }
  }

  private mutate<Answer>(
    mutation: Mutation,
    key: string,
    id: string | undefined,
    act: (fails: boolean) => Promise<Answer>,
  ): Promise<Answer> {
    return this.ask(async () => {
      this.observer.began(mutation, key, id);
      const fails = this.failure !== undefined && this.failure.at-- === 0;
      this.hasFailed ||= fails;
      await this.passTime(this.mostTime.change);
      try {
        return await act(fails);
      } finally {
        this.observer.ended(mutation, key, id);
      }
    });
  }

  private async passTime(most: number): Promise<void> {
    for (let rest = this.random(most); rest > 0; rest--) await setImmediate();
  }
}
