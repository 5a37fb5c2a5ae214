/** An error whose message is all that the user needs: printed without a stack trace, exit code 1. */
export class UserError extends Error {}

/** A command line that cannot be understood: printed with the usage, exit code 2. */
export class UsageError extends Error {}

/** The first line that describes any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
