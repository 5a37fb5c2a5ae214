/** Ctrl-C: the first asks a run to stop cleanly, the second ends at once. */

/**
 * npm passes the Ctrl-C that its child has had from the terminal on to it once more, so signals this close
 * together are one.
 */
const sameKeyPressMs = 400;

export type SignalName = "SIGINT" | "SIGTERM";

export class Interruption {
  readonly #controller = new AbortController();
  #announce: (() => void) | undefined;
  #firstAt: number | undefined;

  /** @param end ends the process. */
  constructor(private readonly end: () => void) {}

  /**
   * From now on the first Ctrl-C calls `announce` and aborts the signal, with the name of the process signal as
   * its reason. Until a command asks for this, Ctrl-C ends at once.
   */
  cooperate(announce: () => void): AbortSignal {
    this.#announce = announce;
    return this.#controller.signal;
  }

  /** Handles one signal of the process. */
  receive(name: SignalName): void {
    if (this.#announce === undefined) {
      this.end();
    } else if (this.#firstAt === undefined) {
      this.#firstAt = Date.now();
      this.#announce();
      this.#controller.abort(name);
    } else if (Date.now() - this.#firstAt >= sameKeyPressMs) {
      this.end();
    }
  }
}
