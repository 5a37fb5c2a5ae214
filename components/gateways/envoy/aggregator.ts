import type { GatewaySpec } from "../../platform";
import type { AggregateSpec } from "../../policy-specs";
import { httpOptions } from "./http-options";
import { address, type Json, typed } from "./vocabulary";

/** Loopback port on which the agent joins the answers of several services. */
export const AGGREGATOR_PORT = 15096;

/** Name of the agent's cluster; no service can have it. */
const CLUSTER = "aggregate on loopback";

/** Header that tells the agent what to join. It overwrites whatever a client sent. */
const PLAN_HEADER = "x-flotilla-aggregate";

/** After the deadline of the whole the agent answers with what it has: Envoy gives up a little later. */
const LATER_SECONDS = 1;

export function aggregates({ routes }: GatewaySpec): boolean {
  return routes.some(({ aggregate }) => aggregate !== undefined);
}

/** The agent beside Envoy, where a route needs it. */
export function aggregatorClusters(spec: GatewaySpec): Json[] {
  const endpoint = { address: address("127.0.0.1", AGGREGATOR_PORT) };
  const cluster = typed("config.cluster.v3.Cluster", {
    name: CLUSTER,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: { cluster_name: CLUSTER, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    ...httpOptions("http"),
  });
  return aggregates(spec) ? [cluster] : [];
}

/** How a request is handed to the agent, with its plan: so a route and what it joins never disagree. */
export function aggregateAction(
  { parts, maxSizeMiB }: AggregateSpec,
  timeoutSeconds: number,
): { route: Json; request_headers_to_add: Json[] } {
  const plan = { deadlineMs: timeoutSeconds * 1000, maxBytes: maxSizeMiB * 1024 * 1024, parts };
  // A percent sign would begin one of Envoy's variables.
  const value = JSON.stringify(plan).replaceAll("%", "%%");
  const header = { header: { key: PLAN_HEADER, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
  return {
    route: { cluster: CLUSTER, timeout: `${timeoutSeconds + LATER_SECONDS}s` },
    request_headers_to_add: [header],
  };
}
