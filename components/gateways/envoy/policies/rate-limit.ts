import { createHash } from "node:crypto";
import type { RouteSpec } from "../../../platform";
import type { RateLimitSpec } from "../../../policy-specs";
import { type Filter, type Policy, SWITCHED_ON } from "../filter";
import { type Json, typed } from "../vocabulary";
import { CALLER_HEADER } from "./caller-header";

/** Callers that are counted at once; the one that was silent longest is forgotten. */
const COUNTED_CALLERS = 10000;

const WHOLE = { numerator: 100, denominator: "HUNDRED" };

/** Whom a limit counts by itself. */
const COUNTED: Record<RateLimitSpec["by"], { action: Json; key: string } | undefined> = {
  all: undefined,
  // Whoever has an address of IPv6 has a whole /64 of them.
  address: {
    action: { masked_remote_address: { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 } },
    key: "masked_remote_address",
  },
  caller: {
    action: { request_headers: { header_name: CALLER_HEADER, descriptor_key: "caller" } },
    key: "caller",
  },
};

/**
 * Too many requests are refused. Each limit is a filter of its own, so that it counts once, whatever of a route's requests it is
 * and however often the routes change. Limits by caller come after authentication, others before.
 */
export const limitsBeforeAuthentication = rateLimits(({ by }) => by !== "caller");
export const limitsByCaller = rateLimits(({ by }) => by === "caller");

function rateLimits(isOurs: (limit: RateLimitSpec) => boolean): Policy {
  const ofRoute = (route: RouteSpec): RateLimitSpec | undefined => {
    return route.rateLimit !== undefined && isOurs(route.rateLimit) ? route.rateLimit : undefined;
  };
  return {
    filters({ routes, policies }) {
      const whole = policies.rateLimit;
      const own = routes.flatMap((route): Filter[] => {
        const limit = ofRoute(route);
        return limit === undefined ? [] : [{ name: filterName(route), config: config(limit), on: "routes" }];
      });
      return [
        ...(whole !== undefined && isOurs(whole)
          ? [{ name: "rate-limit", config: config(whole), on: "always" as const }]
          : []),
        ...own,
      ];
    },
    ofRoute: (route) => (ofRoute(route) === undefined ? {} : { [filterName(route)]: SWITCHED_ON }),
  };
}

/** By what the route matches: its limit stays what it is when others come and go. */
function filterName({ hosts, path, methods, headers }: RouteSpec): string {
  const match = createHash("sha256")
    .update(JSON.stringify([hosts, path, methods, headers]))
    .digest("hex");
  return `rate-limit-${match.slice(0, 8)}`;
}

function config({ requests, perSeconds, by }: RateLimitSpec): Json {
  const token_bucket = {
    max_tokens: requests,
    tokens_per_fill: requests,
    fill_interval: `${perSeconds}s`,
  };
  const counted = COUNTED[by];
  return typed("extensions.filters.http.local_ratelimit.v3.LocalRateLimit", {
    stat_prefix: "rate_limit",
    filter_enabled: { default_value: WHOLE },
    filter_enforced: { default_value: WHOLE },
    rate_limited_as_resource_exhausted: true,
    response_headers_to_add: [
      {
        header: { key: "retry-after", value: String(perSeconds) },
        append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
      },
    ],
    ...(counted === undefined
      ? { token_bucket }
      : {
          descriptors: [{ entries: [{ key: counted.key }], token_bucket }],
          max_dynamic_descriptors: COUNTED_CALLERS,
          rate_limits: [{ actions: [counted.action] }],
        }),
  });
}
