import { ScheduledAction } from "@pulumi/aws/appautoscaling/scheduledAction";
import type * as pulumi from "@pulumi/pulumi";
import type { ScalingSpec } from "../../../platform";
import type { EcsHost } from "../host";
import { awsCron } from "./cron";
import type { Scalable } from "./scalable";

/**
 * Raises the least number of replicas when a time begins, and sets it back when that ends. They are made one after the other,
 * as AWS takes one change of a service's rules at a time.
 */
export function schedules(
  host: EcsHost,
  name: string,
  { schedules: times, min, max }: ScalingSpec,
  target: Scalable,
  parent: pulumi.Resource,
): ScheduledAction[] {
  const actions: ScheduledAction[] = [];
  const moments = times.flatMap((time, index) => [
    { part: `${index + 1}-start`, at: time.start, timezone: time.timezone, minCapacity: time.min },
    { part: `${index + 1}-end`, at: time.end, timezone: time.timezone, minCapacity: min },
  ]);
  for (const { part, at, timezone, minCapacity } of moments) {
    const action = new ScheduledAction(
      `${name}-schedule-${part}`,
      {
        name: `${host.prefix}-${name}-${part}`,
        ...target,
        schedule: awsCron(at),
        timezone,
        scalableTargetAction: { minCapacity, maxCapacity: max },
      },
      host.options(parent, { dependsOn: actions.slice(-1) }),
    );
    actions.push(action);
  }
  return actions;
}
