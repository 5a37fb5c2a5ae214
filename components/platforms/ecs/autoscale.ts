import type * as pulumi from "@pulumi/pulumi";
import type { Autoscaler, ScalingSpec } from "../../platform";
import type { EcsHost } from "./host";
import type { EcsWorkload } from "./workload";

export function autoscale(
  _host: EcsHost,
  _name: string,
  _scaling: ScalingSpec,
  _workload: EcsWorkload,
  _highResolution: boolean,
  _parent: pulumi.Resource,
): Autoscaler {
  return { enforced: false };
}
