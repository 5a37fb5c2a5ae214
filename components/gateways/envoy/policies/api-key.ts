import type { ApiKeySpec } from "../../../policy-specs";
import type { Filter, Policy } from "../filter";
import { typed } from "../vocabulary";
import { CALLER_HEADER } from "./caller-header";
import { perWay } from "./ways";

/** Programs prove who they are by a key of their own. */
export const apiKey: Policy = perWay("apiKey", filter);

function filter(name: string, { clients, header }: ApiKeySpec): Filter {
  const config = typed("extensions.filters.http.api_key_auth.v3.ApiKeyAuth", {
    credentials: Object.entries(clients).map(([client, { key }]) => ({ client, key })),
    key_sources: [{ header }],
    forwarding: { header: CALLER_HEADER, hide_credentials: true },
  });
  return { name, config, on: "routes", secret: true };
}
