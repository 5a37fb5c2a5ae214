import type { z } from "zod";
import { Problems } from "../components/problems";
import { checkShape } from "./description/shape";

/**
 * A target's own settings, with defaults.
 *
 * @throws RunError with every problem.
 */
export function parseSettings<S extends z.ZodType>(schema: S, settings: unknown): z.output<S> {
  const problems = new Problems("flotilla:settings");
  const parsed = checkShape(problems, schema, settings);
  problems.throwIfAny();
  return parsed!;
}
