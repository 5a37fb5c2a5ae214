import type { ExternalSpec } from "../../../policy-specs";
import { clusterName } from "../cluster-name";
import type { Filter, Policy } from "../filter";
import { typed } from "../vocabulary";
import { perWay } from "./ways";

/** A service decides who comes in. */
export const external: Policy = perWay("external", filter);

function filter(name: string, spec: ExternalSpec): Filter {
  const exact = (headers: string[]) => ({ patterns: headers.map((header) => ({ exact: header })) });
  const config = typed("extensions.filters.http.ext_authz.v3.ExtAuthz", {
    transport_api_version: "V3",
    failure_mode_allow: false,
    status_on_error: { code: "ServiceUnavailable" },
    allowed_headers: exact(["x-request-id", ...spec.requestHeaders]),
    stat_prefix: name,
    http_service: {
      server_uri: {
        uri: `http://${spec.service}`,
        cluster: clusterName(spec),
        timeout: `${spec.timeoutSeconds}s`,
      },
      ...(spec.pathPrefix === undefined ? {} : { path_prefix: spec.pathPrefix }),
      ...(spec.responseHeaders.length === 0
        ? {}
        : { authorization_response: { allowed_upstream_headers: exact(spec.responseHeaders) } }),
    },
  });
  return { name, config, on: "routes" };
}
