import { ADMIN_PORT, address, type Json, watchedFile } from "./vocabulary";

/** The part that never changes: where the other files are, and an admin interface on loopback only. */
export function bootstrap(name: string): Json {
  return {
    node: { id: name, cluster: name },
    admin: { address: address("127.0.0.1", ADMIN_PORT) },
    dynamic_resources: { lds_config: watchedFile("lds.json"), cds_config: watchedFile("cds.json") },
  };
}
