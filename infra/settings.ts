import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/**
 * A target's own settings, with defaults.
 *
 * @throws RunError with every problem.
 */
export function parseSettings<S extends z.ZodType>(schema: S, settings: unknown): z.output<S> {
  const parsed = schema.safeParse(settings);
  if (!parsed.success) {
    throw new pulumi.RunError(`flotilla:settings is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}
