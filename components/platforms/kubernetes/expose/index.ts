import type * as pulumi from "@pulumi/pulumi";
import { RunError } from "@pulumi/pulumi/errors";
import type { Exposed, Exposure, Router } from "../../../platform";
import type { KubernetesHost } from "../host";
import type { KubernetesWorkload } from "../workload";

/** How clients outside the cluster reach a gateway. */
export type ExposeArgs = "load-balancer" | "node-port";

/** The way in from outside the cluster. */
export interface Door {
  readonly router?: Router;
  expose(name: string, workload: KubernetesWorkload, exposure: Exposure, parent: pulumi.Resource): Exposed;
}

export function makeDoor(_host: KubernetesHost, _args: ExposeArgs): Door {
  return {
    expose(name) {
      throw new RunError(`Gateway "${name}": Kubernetes does not expose workloads yet.`);
    },
  };
}
