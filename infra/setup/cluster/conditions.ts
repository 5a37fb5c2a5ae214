/** What the status of an object of Kubernetes tells. */

/** A condition in the status of an object. */
export interface Condition {
  type: string;
  status: string;
}

/** Whether an object says of itself that it is ready. */
export function isReady(conditions: Condition[] = []): boolean {
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}
