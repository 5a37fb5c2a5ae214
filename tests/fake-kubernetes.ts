/** What the parts of the Kubernetes platform are given, without the platform and without a cluster. */
import * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, PortSpec } from "../components/container-spec";
import type { WorkloadSpec } from "../components/platform";
import { ClusterNeeds } from "../components/platforms/kubernetes/cluster-needs";
import type { ClusterObject } from "../components/platforms/kubernetes/cluster-reader";
import { type KubernetesHost, labels } from "../components/platforms/kubernetes/host";
import type { KubernetesWorkload } from "../components/platforms/kubernetes/workload";

/** A host of the namespace `shop`, on a cluster that serves these API versions and has these GatewayClasses. */
export function fakeHost(served: string[], gatewayClasses: ClusterObject[] = []): KubernetesHost {
  const cluster = new ClusterNeeds(undefined, "fake", () => ({
    served: async () => served,
    list: async (_version, plural) => (plural === "gatewayclasses" ? gatewayClasses : []),
  }));
  const namespace = cluster.met.apply(() => "shop");
  return {
    namespace,
    podSecurity: "restricted",
    cpuRequestPercent: 10,
    cluster,
    metadata: (name, workload, more) => ({ name, namespace, labels: labels("shop", workload), ...more }),
    digest: (value) => pulumi.unsecret(pulumi.output(value)).apply(() => "digest"),
    options: (parent, more) => ({ ...more, parent }),
    keptOptions: (parent) => ({ parent }),
  };
}

/** A workload of one container with these limits, without the objects that it is made of. */
export function fakeWorkload(name: string, ports: PortSpec[] = []): KubernetesWorkload {
  const main = { name: "main", resources: { cpuMillicores: 500, memoryMiB: 256 } } as ContainerSpec;
  const workload = new pulumi.ComponentResource("test:index:Workload", name);
  const spec = { main, ports, replicas: { min: 1, max: 5 } } as unknown as WorkloadSpec;
  return Object.assign(workload, { name, spec, statefulSet: undefined }) as unknown as KubernetesWorkload;
}
