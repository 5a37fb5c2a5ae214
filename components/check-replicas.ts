import { checkWhole } from "./fields";
import type { Replicas } from "./platform";
import type { Problems } from "./problems";

/** Records everything that is wrong with a number of replicas, or a range of them that starts at `least`. */
export function checkReplicas(
  problems: Problems,
  replicas: Replicas | undefined,
  { least, most }: { least: number; most: number },
): void {
  const range = { min: 1, max: most, unit: "replicas" };
  if (typeof replicas !== "object") {
    checkWhole(problems, "replicas", replicas, range);
    return;
  }
  checkWhole(problems, "replicas.min", replicas.min, { ...range, min: least });
  checkWhole(problems, "replicas.max", replicas.max, range);
  if (replicas.min > replicas.max) {
    const rule = `must not exceed replicas.max (${replicas.max})`;
    problems.add("replicas.min", rule, replicas.min, `Write ${replicas.max}.`);
  }
}
