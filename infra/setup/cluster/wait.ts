/** Waits for what a cluster does in its own time. */
import { Resolver } from "node:dns/promises";
import { setTimeout as pause } from "node:timers/promises";

const timeoutMilliseconds = 120_000;
const pollMilliseconds = 100;
const answerTimeoutMilliseconds = 1000;

/** Whether a condition is met in time; returns as soon as it is. */
export async function within(
  milliseconds: number,
  condition: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      return false;
    }
    await pause(pollMilliseconds);
  }
  return true;
}

/** Returns once a condition is met; the error after two minutes ends with the advice. */
export async function waitUntil(condition: () => Promise<boolean>, advice: string): Promise<void> {
  if (!(await within(timeoutMilliseconds, condition))) {
    throw new Error(`The cluster is not ready after ${timeoutMilliseconds / 1000} s. ${advice}`);
  }
}

/** Whether a server of names knows a name. */
export async function resolves(name: string, server: string): Promise<boolean> {
  const resolver = new Resolver({ timeout: answerTimeoutMilliseconds, tries: 1 });
  resolver.setServers([server]);
  return resolver.resolve4(name).then(
    () => true,
    () => false,
  );
}
