import type * as pulumi from "@pulumi/pulumi";
import type { Discovery, Protocol, WorkloadSpec } from "../platform";

/** One rule of a gateway with every default filled in. */
export interface RouteSpec {
  /** Host names without port; empty means any. */
  hosts: string[];
  path: { prefix: string } | { exact: string };
  /** Upper-case methods; empty means any. */
  methods: string[];
  headers: Record<string, string>;
  service: string;
  /** Name of the service's port; undefined means its first one. */
  port?: string;
  protocol: Protocol;
  /** What the instances' metadata must say; empty means any instance. */
  metadata: Record<string, string>;
  /** What stands in place of the matched prefix; undefined leaves the path as it is. */
  rewritePrefix?: string;
  timeoutSeconds: number;
  /** Tries after the first one. */
  retries: number;
}

/** What a gateway kind is made from. */
export interface GatewaySetup {
  name: string;
  image: pulumi.Input<string>;
  agentImage: pulumi.Input<string>;
  discovery: Discovery;
  /** In the order in which they are tried. */
  routes: RouteSpec[];
  replicas: number;
  cpuMillicores: number;
  memoryMiB: number;
}

/** A kind of gateway: a pure function from its routes to a workload that serves them on its port `http`. */
export type GatewayKind = (setup: GatewaySetup) => WorkloadSpec;
