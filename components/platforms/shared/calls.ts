/** One workload calls another, which may not be there yet. */
export interface Call {
  caller: { name: string };
  /** Name of the called workload. */
  to: string;
}

/** Calls may be cyclic, so a way is opened as soon as both of its ends are there; what was made for it is kept by caller. */
export class Calls<C extends Call, W, R> {
  private readonly workloads = new Map<string, W>();
  private waiting: C[] = [];
  private readonly opened = new Map<string, R[]>();

  constructor(private readonly makeWay: (call: C, to: W) => R[]) {}

  /** A workload is there: whoever waited for it is admitted. */
  add(name: string, workload: W): void {
    this.workloads.set(name, workload);
    const ready = this.waiting.filter(({ to }) => to === name);
    this.waiting = this.waiting.filter(({ to }) => to !== name);
    for (const call of ready) {
      this.open(call, workload);
    }
  }

  /** Undefined: there is no such workload yet. */
  get(name: string): W | undefined {
    return this.workloads.get(name);
  }

  connect(call: C): void {
    const workload = this.workloads.get(call.to);
    if (workload === undefined) {
      this.waiting.push(call);
    } else {
      this.open(call, workload);
    }
  }

  /** What admits a caller, once the program has run through and all of its calls are known. */
  openedBy(caller: string): Promise<R[]> {
    return new Promise((resolve) => {
      setImmediate(() => resolve(this.opened.get(caller) ?? []));
    });
  }

  private open(call: C, workload: W): void {
    const { name } = call.caller;
    this.opened.set(name, [...(this.opened.get(name) ?? []), ...this.makeWay(call, workload)]);
  }
}
