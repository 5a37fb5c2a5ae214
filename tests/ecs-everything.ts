/** The shop with what it does not use itself: tasks, scaling by a queue and schedules. */
import type { ArchitectureInput } from "../infra/architecture";
import shop from "../stacks/shop";

const { services } = shop as ArchitectureInput;

export const everything: ArchitectureInput = { ...(shop as ArchitectureInput), services };
