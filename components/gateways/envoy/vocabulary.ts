/** Words that every part of Envoy's configuration is written in. */
import type * as pulumi from "@pulumi/pulumi";

export type Json = Record<string, unknown>;

/** Folder that the agent keeps up to date and Envoy watches. */
export const WATCHED = "/var/lib/envoy";
export const ADMIN_PORT = 9901;
export const HTTP_PORT = 8080;
export const HTTPS_PORT = 8443;
export const METRICS_PORT = 9902;
/** Of as many as there are TCP listeners. */
export const FIRST_TCP_PORT = 10000;

/** A message's type, e.g. `type("config.listener.v3.Listener")`. */
export function type(name: string): string {
  return `type.googleapis.com/envoy.${name}`;
}

export function typed(name: string, config: Json = {}): Json {
  return { "@type": type(name), ...config };
}

/** A file of its own that Envoy follows. */
export function watchedFile(name: string): Json {
  return {
    path_config_source: { path: `${WATCHED}/${name}`, watched_directory: { path: WATCHED } },
    resource_api_version: "V3",
  };
}

/** What such a file holds. */
export function discoveryResponse(
  resources: pulumi.Input<Json>[],
): Json & { resources: pulumi.Input<Json>[] } {
  return { version_info: "1", resources };
}

export function address(host: string, port: number): Json {
  return { socket_address: { address: host, port_value: port } };
}

/** Closes connections beyond a number at once. */
export function connectionLimit(name: string, maxConnections: number): Json {
  const limit = { stat_prefix: name, max_connections: maxConnections };
  return {
    name: "envoy.filters.network.connection_limit",
    typed_config: typed("extensions.filters.network.connection_limit.v3.ConnectionLimit", limit),
  };
}
