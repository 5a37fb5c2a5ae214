import type * as pulumi from "@pulumi/pulumi";
import type { Certificate } from "../gateway-certificate";
import type { Discovery, GatewaySpec, Replicas, WorkloadSpec } from "../platform";

/** What a gateway kind is made from. */
export interface GatewaySetup {
  name: string;
  image: pulumi.Input<string>;
  agentImage: pulumi.Input<string>;
  discovery: Discovery;
  /** Its routes in the order in which they are tried. */
  spec: GatewaySpec;
  replicas: Replicas;
  cpuMillicores: number;
  memoryMiB: number;
  /** What it shows to clients where it serves TLS. */
  certificate?: Certificate;
}

/** Name of the workload's port that serves a TCP listener. */
export function tcpPortName(listen: number): string {
  return `tcp-${listen}`;
}

/**
 * A kind of gateway: a pure function from its routes to a workload that serves them on its port `http`, on `https` with TLS, and
 * TCP listeners on ports of their own.
 */
export type GatewayKind = (setup: GatewaySetup) => WorkloadSpec;
