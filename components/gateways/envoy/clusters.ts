import { type Connection, targetsOf, upstreamOf } from "../../gateway-spec";
import type { GatewaySpec, RouteSpec } from "../../platform";
import type { UpstreamSpec } from "../../policy-specs";
import { aggregatorClusters } from "./aggregator";
import { clusterName } from "./cluster-name";
import { httpOptions } from "./http-options";
import { issuerClusters } from "./issuer-clusters";
import { discoveryResponse, type Json, typed, WATCHED } from "./vocabulary";

/** The services' ports that anything leads to, by the name of their cluster: the agent writes the instances of each. */
export function targets(spec: GatewaySpec): Map<string, Connection> {
  return new Map(targetsOf(spec).map((target) => [clusterName(target), target]));
}

/** One cluster for each service port that a route leads to; the agent writes the instances. */
export function clusters(spec: GatewaySpec): Json {
  const { routes, policies } = spec;
  const own = [...targets(spec)].map(([name, { protocol }]) => {
    const upstream = upstreamOf(policies, name);
    return typed("config.cluster.v3.Cluster", {
      name,
      type: "EDS",
      eds_cluster_config: {
        eds_config: {
          path_config_source: {
            path: `${WATCHED}/endpoints/${name.replace(":", "_")}.json`,
            watched_directory: { path: `${WATCHED}/endpoints` },
          },
          resource_api_version: "V3",
        },
      },
      connect_timeout: `${upstream.connectTimeoutSeconds}s`,
      lb_policy: "LEAST_REQUEST",
      ...subsets(chosenMetadata(routes, name)),
      circuit_breakers: { thresholds: [thresholds(upstream)] },
      ...healthChecks(upstream),
      common_lb_config: { healthy_panic_threshold: { value: 0 } },
      outlier_detection: outliers(upstream),
      ...(protocol === "tcp" ? {} : httpOptions(protocol)),
    });
  });
  return discoveryResponse([...own, ...aggregatorClusters(spec), ...issuerClusters(spec)]);
}

/** When requests are refused at once instead of waiting: the service has too many already. */
function thresholds(upstream: UpstreamSpec): Json {
  const { maxConnections, maxPendingRequests, maxRequests, retryBudgetPercent } = upstream;
  return {
    max_connections: maxConnections,
    max_pending_requests: maxPendingRequests,
    max_requests: maxRequests,
    // By default only 3 requests may be tried again at once: too few when an instance dies under load.
    ...(retryBudgetPercent === undefined
      ? { max_retries: 1024 }
      : { retry_budget: { budget_percent: { value: retryBudgetPercent }, min_retry_concurrency: 10 } }),
    track_remaining: true,
  };
}

/** Instances that cannot be connected to are left alone for some seconds; those that answer badly where it is asked for. */
function outliers({ ejection }: UpstreamSpec): Json {
  const byAnswers =
    ejection === undefined
      ? {
          consecutive_5xx: 0,
          enforcing_consecutive_5xx: 0,
          base_ejection_time: "5s",
          max_ejection_time: "15s",
        }
      : {
          consecutive_5xx: ejection.consecutiveErrors,
          enforcing_consecutive_5xx: 100,
          base_ejection_time: `${ejection.ejectionSeconds}s`,
          max_ejection_time: `${ejection.ejectionSeconds * 10}s`,
        };
  return {
    ...byAnswers,
    consecutive_gateway_failure: 0,
    enforcing_success_rate: 0,
    split_external_local_origin_errors: true,
    consecutive_local_origin_failure: 2,
    max_ejection_percent: ejection?.maxPercent ?? 50,
    interval: "1s",
  };
}

function healthChecks({ healthCheck }: UpstreamSpec): Json {
  if (healthCheck === undefined) {
    return {};
  }
  const { action } = healthCheck;
  const check = {
    ...("http" in action ? { http_health_check: { path: action.http.path } } : {}),
    ...("grpc" in action ? { grpc_health_check: { service_name: action.grpc.service ?? "" } } : {}),
    ...("tcp" in action ? { tcp_health_check: {} } : {}),
    interval: `${healthCheck.intervalSeconds}s`,
    no_traffic_interval: `${healthCheck.intervalSeconds}s`,
    timeout: `${healthCheck.timeoutSeconds}s`,
    unhealthy_threshold: healthCheck.unhealthyThreshold,
    healthy_threshold: healthCheck.healthyThreshold,
  };
  // The registry's word that an instance left holds, whatever the check says.
  return { health_checks: [check], ignore_health_on_host_removal: true };
}

/** What routes want of a cluster's instances, each as a metadata of its own. */
function chosenMetadata(routes: RouteSpec[], cluster: string): Record<string, string>[] {
  const places = routes.flatMap((route) => [route, ...route.split]);
  return places.filter((place) => clusterName(place) === cluster).map(({ metadata }) => metadata);
}

/** Lets routes choose among a cluster's instances by their metadata; other routes take any. */
function subsets(wanted: Record<string, string>[]): Json {
  const keys = wanted.map((metadata) => Object.keys(metadata).sort()).filter(({ length }) => length > 0);
  const selectors = new Map(keys.map((own) => [own.join(), { keys: own, fallback_policy: "NO_FALLBACK" }]));
  return selectors.size === 0
    ? {}
    : { lb_subset_config: { fallback_policy: "ANY_ENDPOINT", subset_selectors: [...selectors.values()] } };
}
