/** What the API server's refusals say, and when there is no answer at all. */
import type { ClusterAccess } from "./kubeconfig";

/** A refusal as Kubernetes' `Status` objects tell it. */
export interface StatusMessage {
  message?: string;
  reason?: string;
  details?: { kind?: string; causes?: { reason?: string; message?: string; field?: string }[] };
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: StatusMessage,
    readonly retryAfterSeconds?: number,
  ) {
    super(body.message ?? body.reason ?? `the API server answered ${status}`);
  }
}

/** No answer from the API server. */
export class Unreachable extends Error {
  readonly code: string;

  constructor(access: ClusterAccess, error: NodeJS.ErrnoException) {
    const reason = error.code ?? error.message;
    const where = `${access.server} (${access.source})`;
    super(
      /CERT|SIGNATURE|ALTNAME/.test(reason)
        ? `The certificate of ${where} is not trusted: ${reason}. Was the cluster made anew, and the kubeconfig not?`
        : `No Kubernetes API server answers at ${where}: ${reason}. Is the cluster running?`,
      { cause: error },
    );
    this.code = error.code ?? "";
  }
}

export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403;
export const isInvalid = (error: unknown): boolean => error instanceof ApiError && error.status === 422;

/** The fields that other managers hold, when that is why an apply was refused. */
export function heldByOthers(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.status !== 409) return [];
  const causes = error.body.details?.causes ?? [];
  return causes
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ field, message }) => `${field} (${message?.replace(/^conflict with /, "held by ")})`);
}

/** The answer, or undefined when the server does not know the object. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
