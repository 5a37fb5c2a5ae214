import type { RouteSpec } from "../../../platform";
import type { Policy } from "../filter";
import { type Json, typed } from "../vocabulary";

const FILTER = "cors";

/** Web pages of other origins may read answers; their preflights are answered here. */
export const cors: Policy = {
  filters({ routes }) {
    const config = typed("extensions.filters.http.cors.v3.Cors");
    return routes.some((route) => route.cors !== undefined) ? [{ name: FILTER, config, on: "always" }] : [];
  },
  ofRoute({ cors: wanted }) {
    if (wanted === undefined) {
      return {};
    }
    const { origins, methods, headers, exposedHeaders, credentials, maxAgeSeconds } = wanted;
    const policy = typed("extensions.filters.http.cors.v3.CorsPolicy", {
      allow_origin_string_match: origins.map(originMatch),
      allow_methods: methods.join(", "),
      allow_headers: headers.join(", "),
      ...(exposedHeaders.length === 0 ? {} : { expose_headers: exposedHeaders.join(", ") }),
      allow_credentials: credentials,
      max_age: String(maxAgeSeconds),
      forward_not_matching_preflights: false,
    });
    return { [FILTER]: policy };
  },
};

/** Whether a browser asks first by a method that the route itself does not take. */
export function needsPreflight({ cors: wanted, methods }: RouteSpec): boolean {
  return wanted !== undefined && methods.length > 0 && !methods.includes("OPTIONS");
}

function originMatch(origin: string): Json {
  if (origin === "*") {
    return { safe_regex: { regex: ".*" } };
  }
  const escaped = origin.replace(/[.+?^${}()|[\]\\/]/g, "\\$&").replace("*", "[a-z0-9.-]+");
  return origin.includes("*") ? { safe_regex: { regex: escaped } } : { exact: origin };
}
