import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Callers have followed once nothing came for this long. */
const quietMs = 500;
/** The door closes after this long even when callers keep coming. */
const keepServingMs = 4_000;
/** The whole drain stays below the 10 s that a container has to stop. */
const totalMs = 9_000;
const pollMs = 20;

export const probePaths = new Set(["/healthz", "/readyz"]);

/** Lets an HTTP server leave without cutting a request off. */
export class Drain {
  #draining = false;
  #inFlight = 0;
  #lastActivityAt = 0;

  constructor(private readonly server: Server) {
    server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
      if (probePaths.has(request.url ?? "")) return;
      this.#inFlight++;
      response.once("close", () => {
        this.#inFlight--;
        this.#lastActivityAt = performance.now();
      });
    });
  }

  /** True from the first moment of the drain: not ready, and every answer closes its connection. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Serves on until callers have followed, closes the door, and returns when the last request has ended. */
  async finish(): Promise<void> {
    this.#draining = true;
    const startedAt = performance.now();
    this.#lastActivityAt = startedAt;
    await this.#until(() => this.#isQuiet(), startedAt + keepServingMs);
    this.server.close();
    await this.#until(() => this.#inFlight === 0, startedAt + totalMs);
    // A connection on which nothing was ever sent counts as busy for Node, so idle ones are not enough.
    this.server.closeAllConnections();
  }

  #isQuiet(): boolean {
    return this.#inFlight === 0 && performance.now() - this.#lastActivityAt >= quietMs;
  }

  async #until(condition: () => boolean, endAt: number): Promise<void> {
    while (!condition() && performance.now() < endAt) await sleep(pollMs);
  }
}
