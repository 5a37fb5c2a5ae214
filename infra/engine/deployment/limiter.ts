/** A step that was not begun, because another one failed or the user asked to stop. */
export class NotStarted extends Error {}

/** Bounds how many steps run at once, and starts none any more once one has failed. */
export class Limiter {
  private readonly waiting: (() => void)[] = [];
  private closed = false;

  constructor(private free: number) {}

  async run<Result>(step: () => Promise<Result>): Promise<Result> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((start) => this.waiting.push(start));
    try {
      if (this.closed) throw new NotStarted();
      return await step();
    } catch (error) {
      this.close(); // before the next one gets its turn
      throw error;
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }

  get isClosed(): boolean {
    return this.closed;
  }

  close(): void {
    this.closed = true;
  }
}
