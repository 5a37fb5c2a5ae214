import type { Target } from "@pulumi/aws/appautoscaling/target";
import type * as pulumi from "@pulumi/pulumi";

/** What every rule of Application Auto Scaling says of the service that it moves. */
export interface Scalable {
  serviceNamespace: pulumi.Output<string>;
  scalableDimension: pulumi.Output<string>;
  resourceId: pulumi.Output<string>;
}

export function scalable({ serviceNamespace, scalableDimension, resourceId }: Target): Scalable {
  return { serviceNamespace, scalableDimension, resourceId };
}
