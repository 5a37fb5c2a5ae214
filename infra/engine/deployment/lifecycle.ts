/**
 * When a run has to end early: nothing new begins, what is under way ends, then the program is stopped.
 */
import type { Limiter } from "./limiter";

export class Lifecycle {
  private underWay = 0;
  private resolveStopped!: () => void;
  private idleWaiters: (() => void)[] = [];
  /** Settles when the run has to end early and nothing is under way any more. */
  readonly stopped = new Promise<void>((resolve) => {
    this.resolveStopped = resolve;
  });

  constructor(
    private readonly limiter: Limiter,
    signal: AbortSignal,
  ) {
    const halt = () => {
      limiter.close();
      this.settle();
    };
    if (signal.aborted) halt();
    else signal.addEventListener("abort", halt, { once: true });
  }

  /**
   * Serves a request of the program, and leaves it unanswered once the run ends early: any answer would have the
   * SDK report a failure of its own for each resource that waits, and bury the one that counts.
   */
  async answer<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.relay(async () => {
      this.underWay++;
      try {
        return await work();
      } finally {
        this.underWay--;
        this.settle();
      }
    });
  }

  /** As `answer`, for work that waits for other requests: it is not under way by itself. */
  async relay<Result>(work: () => Promise<Result>): Promise<Result> {
    const unanswered = new Promise<never>(() => undefined);
    if (this.limiter.isClosed) return unanswered;
    try {
      return await work();
    } catch (error) {
      if (this.limiter.isClosed) return unanswered;
      throw error;
    } finally {
      this.settle();
    }
  }

  /** Waits until nothing is under way. */
  async idle(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  private settle(): void {
    if (this.underWay > 0) return;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
    if (this.limiter.isClosed) this.resolveStopped();
  }
}
