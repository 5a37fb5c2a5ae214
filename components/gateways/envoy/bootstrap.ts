import { ADMIN_PORT, address, type Json, watchedFile } from "./vocabulary";

/** Name of the cluster that is Envoy's own admin interface; no service can have it. */
export const ADMIN_CLUSTER = "own admin";

/** The part that never changes: where the other files are, and an admin interface on loopback only. */
export function bootstrap(name: string): Json {
  const admin = address("127.0.0.1", ADMIN_PORT);
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: admin } }] }];
  const cluster = {
    name: ADMIN_CLUSTER,
    type: "STATIC",
    load_assignment: { cluster_name: ADMIN_CLUSTER, endpoints },
  };
  return {
    node: { id: name, cluster: name },
    admin: { address: admin },
    static_resources: { clusters: [cluster] },
    dynamic_resources: { lds_config: watchedFile("lds.json"), cds_config: watchedFile("cds.json") },
  };
}
