import type { CallContext, Properties } from "../../../provider";
import { annotation } from "../objects";

const DEFAULT_SECONDS = 600;

/** How long to wait: a custom timeout ends by the context's signal, an annotation or the default by a clock. */
export function timeoutMs({ timeoutSeconds }: CallContext, inputs: Properties): number {
  if (timeoutSeconds) return Number.POSITIVE_INFINITY;
  const own = Number(annotation(inputs, "pulumi.com/timeoutSeconds"));
  return (own > 0 ? own : DEFAULT_SECONDS) * 1000;
}
