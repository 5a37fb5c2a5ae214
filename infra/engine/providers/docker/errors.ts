/** What the daemon's refusals say, without the client library's decoration. */

interface DaemonFailure {
  code?: string;
  syscall?: string;
  address?: string;
  port?: number;
  statusCode?: number;
  json?: { message?: string };
  reason?: string;
  message?: string;
}

const asFailure = (error: unknown): DaemonFailure => (error ?? {}) as DaemonFailure;

export const statusOf = (error: unknown): number | undefined => asFailure(error).statusCode;
export const isMissing = (error: unknown): boolean => statusOf(error) === 404;
export const isConflict = (error: unknown): boolean => statusOf(error) === 409;

/** The daemon's own sentence, or that there is none to be had. */
export function reasonOf(error: unknown): string {
  const { json, reason, message, syscall, code } = asFailure(error);
  if (syscall === "connect") return unreachable(asFailure(error));
  if (code === "ECONNRESET" || code === "EPIPE") {
    return `the Docker daemon ended in the middle of a request (${code}). Run it again once it answers.`;
  }
  return (json?.message ?? message ?? reason ?? String(error)).trim();
}

function unreachable({ code, address, port }: DaemonFailure): string {
  const where = port ? `${address}:${port}` : address;
  if (code === "EACCES") {
    return `this user may not use the Docker daemon at ${where}. Join the group that owns it (mostly "docker").`;
  }
  return `no Docker daemon answers at ${where} (${code}). Start Docker, or set DOCKER_HOST to where it runs.`;
}

/** An error that says what was being done when the daemon refused. */
export const failed = (what: string, error: unknown): Error => new Error(`${what}: ${reasonOf(error)}`);

/** The answer, or undefined when the daemon does not know the object. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
