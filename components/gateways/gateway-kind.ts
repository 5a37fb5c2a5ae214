import type * as pulumi from "@pulumi/pulumi";
import type { Discovery, GatewaySpec, WorkloadSpec } from "../platform";

/** What a gateway kind is made from. */
export interface GatewaySetup {
  name: string;
  image: pulumi.Input<string>;
  agentImage: pulumi.Input<string>;
  discovery: Discovery;
  /** Its routes in the order in which they are tried. */
  spec: GatewaySpec;
  replicas: number;
  cpuMillicores: number;
  memoryMiB: number;
}

/** A kind of gateway: a pure function from its routes to a workload that serves them on its port `http`. */
export type GatewayKind = (setup: GatewaySetup) => WorkloadSpec;
