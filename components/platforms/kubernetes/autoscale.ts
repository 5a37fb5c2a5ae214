import type * as pulumi from "@pulumi/pulumi";
import { RunError } from "@pulumi/pulumi/errors";
import type { Autoscaler, ScalingSpec } from "../../platform";
import type { KubernetesHost } from "./host";
import type { KubernetesWorkload } from "./workload";

/** Moves a workload's replicas; its number of replicas is already left to the policy. */
export function autoscale(
  _host: KubernetesHost,
  name: string,
  _scaling: ScalingSpec,
  _workload: KubernetesWorkload,
  _parent: pulumi.Resource,
): Autoscaler {
  throw new RunError(`AutoscalingPolicy "${name}": Kubernetes does not scale yet.`);
}
