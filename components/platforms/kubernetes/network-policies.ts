import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import type { input } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import { READY_PORT } from "../../agent-sidecars";
import type { PortSpec } from "../../container-spec";
import { type Call, Calls } from "../shared/calls";
import { type KubernetesHost, NAME_LABEL, WORKLOAD_LABEL } from "./host";
import type { KubernetesWorkload } from "./workload";

type Peer = input.networking.v1.NetworkPolicyPeer;

/** All pods of the namespace. */
export const NEIGHBOURS: Peer[] = [{ podSelector: {} }];

/** Lets nobody connect to any pod of the namespace, but for what {@link admit} allows. */
export function denyByDefault(host: KubernetesHost, name: string, parent: pulumi.Resource): NetworkPolicy {
  const spec = { podSelector: {}, policyTypes: ["Ingress"] };
  return new NetworkPolicy(
    `${name}-default-deny`,
    { metadata: host.metadata("default-deny"), spec },
    host.options(parent),
  );
}

/**
 * Lets peers connect to these ports of a workload's replicas, and to their agent's readiness, which tells callers who can
 * serve. `from` undefined: anyone, also from outside the cluster.
 */
export function admit(
  host: KubernetesHost,
  name: string,
  to: string,
  ports: pulumi.Input<number>[],
  from: Peer[] | undefined,
  parent: pulumi.Resource,
): NetworkPolicy {
  const open = [...new Set([...ports, ...(from === undefined ? [] : [READY_PORT])])];
  return new NetworkPolicy(
    name,
    {
      metadata: host.metadata(name, to),
      spec: {
        podSelector: { matchLabels: { [WORKLOAD_LABEL]: to } },
        policyTypes: ["Ingress"],
        ingress: [{ from, ports: open.map((port) => ({ protocol: "TCP", port })) }],
      },
    },
    host.options(parent),
  );
}

interface KubernetesCall extends Call {
  caller: KubernetesWorkload;
  port: string | undefined;
}

/** Who may call whom. Calls may be cyclic, so a policy is made as soon as both ends are there. */
export class Edges {
  private readonly calls = new Calls((call: KubernetesCall, ports: PortSpec[]) => [this.open(call, ports)]);

  constructor(private readonly host: KubernetesHost) {}

  add(name: string, ports: PortSpec[]): void {
    this.calls.add(name, ports);
  }

  /** Undefined: there is no such workload yet. */
  portsOf(name: string): PortSpec[] | undefined {
    return this.calls.get(name);
  }

  /** One workload, and its tasks, call another. */
  connect(call: KubernetesCall): void {
    this.calls.connect(call);
  }

  /** What admits a caller, once the program has run through and all of its calls are known. */
  admissionsOf(caller: string): Promise<NetworkPolicy[]> {
    return this.calls.openedBy(caller);
  }

  private open({ caller, to, port }: KubernetesCall, ports: PortSpec[]): NetworkPolicy {
    const from = caller.name;
    const called = port === undefined ? ports.slice(0, 1) : ports.filter(({ name }) => name === port);
    const name = port === undefined ? `${from}-to-${to}` : `${from}-to-${to}-${port}`;
    const peers = [{ podSelector: { matchLabels: { [NAME_LABEL]: from } } }];
    const numbers = called.map((one) => one.port);
    return admit(this.host, name, to, numbers, peers, caller);
  }
}
