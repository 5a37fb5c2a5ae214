import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";

/** How long calls may take and how they are repeated; tests use shorter times. */
export interface CallTiming {
  tryTimeoutMs: number;
  maxTries: number;
  firstPauseMs: number;
  longestPauseMs: number;
}

export const defaultTiming: CallTiming = {
  tryTimeoutMs: 2_000,
  maxTries: 4,
  firstPauseMs: 100,
  longestPauseMs: 1_000,
};

/** The request on whose behalf a call is made. */
export interface CallContext {
  requestId: string;
  log: FastifyBaseLogger;
  /** On the clock of `performance.now()`. */
  endsAtMs: number;
}

/** The service did not answer in time, or only that it cannot serve now. */
export class CallFailed extends Error {}

/** Why a try came to nothing although the next one may not. */
export class NoAnswer {
  constructor(readonly reason: string) {}
}

/** Calls another service until it answers, within the limits: only for calls that may arrive more than once. */
export async function repeat<T>(
  service: string,
  { tryTimeoutMs, maxTries, firstPauseMs, longestPauseMs }: CallTiming,
  { log, endsAtMs }: CallContext,
  tryOnce: (timeoutMs: number) => Promise<T | NoAnswer>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const leftMs = Math.max(1, Math.round(endsAtMs - performance.now()));
    const result = await tryOnce(Math.min(tryTimeoutMs, leftMs));
    if (!(result instanceof NoAnswer)) return result;
    const { reason } = result;
    log.warn({ target: service, try: tries, reason }, "call failed");
    // Exponential backoff with full jitter, so that many callers do not come back in one beat.
    const pauseMs = Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1));
    if (tries === maxTries || performance.now() + pauseMs >= endsAtMs) {
      throw new CallFailed(`${service}: ${reason}, after ${tries} of at most ${maxTries} tries`);
    }
    await sleep(pauseMs);
  }
}
