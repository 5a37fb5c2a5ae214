import * as pulumi from "@pulumi/pulumi";

/** What is added to something while the program runs, and used once it has run through. */
export class Late<T> {
  /** All of it. */
  readonly values: Promise<T[]>;
  private readonly added: T[] = [];
  private settled = false;

  /** `owner` begins the sentence of whoever comes too late. */
  constructor(private readonly owner: string) {
    this.values = new Promise((resolve) => {
      setImmediate(() => {
        this.settled = true;
        resolve(this.added);
      });
    });
  }

  /** @throws RunError when the program has run through already. */
  add(value: T): void {
    if (this.settled) {
      const rule = "is complete already: nothing can be added to it any more";
      throw new pulumi.RunError(`${this.owner} ${rule}. Do it in the same step, before any await.`);
    }
    this.added.push(value);
  }
}
