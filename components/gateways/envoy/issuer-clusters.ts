import type { GatewaySpec } from "../../platform";
import { waysOf } from "./policies/ways";
import { address, type Json, typed } from "./vocabulary";

/** Where images that verify certificates have those of the public authorities. */
export const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/** Name of the cluster of a host that serves keys; no service can have it. */
export function issuerCluster(url: string): string {
  return `issuer ${new URL(url).host}`;
}

/** The hosts outside the architecture that keys are fetched from. */
export function issuerClusters(spec: GatewaySpec): Json[] {
  const urls = waysOf(spec, "jwt").flatMap(([, { jwks }]) => ("url" in jwks ? [jwks.url] : []));
  const byName = new Map(urls.map((url) => [issuerCluster(url), new URL(url)]));
  return [...byName].map(([name, { hostname, port }]) => {
    const endpoint = { address: address(hostname, port === "" ? 443 : Number(port)) };
    const validation_context = {
      trusted_ca: { filename: AUTHORITIES },
      match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: hostname } }],
    };
    return typed("config.cluster.v3.Cluster", {
      name,
      // Metrics would take each dot of the host for the end of a name.
      alt_stat_name: name.replace(/[.:]/g, "_"),
      type: "STRICT_DNS",
      connect_timeout: "5s",
      load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
      transport_socket: {
        name: "envoy.transport_sockets.tls",
        typed_config: typed("extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
          sni: hostname,
          common_tls_context: { validation_context },
        }),
      },
    });
  });
}
