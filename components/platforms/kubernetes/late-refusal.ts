import { RunError } from "@pulumi/pulumi/errors";

/**
 * A refusal that comes inside an Output. Of everything that waits for it, Pulumi would write the name of the property before
 * the message, one after the other.
 */
export function lateRefusal(message: string): RunError {
  return Object.defineProperty(new RunError(message), "message", { get: () => message, set: () => {} });
}
