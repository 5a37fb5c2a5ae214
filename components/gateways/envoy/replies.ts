/** What clients and operators read of a request. */
import { type Json, typed } from "./vocabulary";

const REQUEST_ID = "%REQ(X-REQUEST-ID)%";

/** One JSON object for each request. */
export function accessLog(): Json {
  return {
    name: "envoy.access_loggers.stdout",
    typed_config: typed("extensions.access_loggers.stream.v3.StdoutAccessLog", {
      log_format: {
        json_format: {
          time: "%START_TIME%",
          method: "%REQ(:METHOD)%",
          path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
          host: "%REQ(:AUTHORITY)%",
          status: "%RESPONSE_CODE%",
          flags: "%RESPONSE_FLAGS%",
          durationMs: "%DURATION%",
          service: "%UPSTREAM_CLUSTER%",
          instance: "%UPSTREAM_HOST%",
          requestId: REQUEST_ID,
        },
      },
    }),
  };
}

const REFUSALS: [status: number, error: string, message: string][] = [
  [400, "bad_request", "The gateway does not accept this request."],
  [401, "unauthorized", "This needs valid credentials."],
  [403, "forbidden", "This is not allowed."],
  [404, "not_found", "No route leads here."],
  [408, "request_timeout", "The request was not sent in time."],
  [413, "payload_too_large", "The request is too large."],
  [426, "upgrade_required", "This protocol is not served here."],
  [429, "too_many_requests", "Too many requests. Try again later."],
  [431, "headers_too_large", "The request's headers are too large."],
  [502, "bad_gateway", "The service broke off."],
  [503, "unavailable", "No instance of the service can be reached."],
  [504, "gateway_timeout", "The service did not answer in time."],
];

/** What Envoy itself answers is JSON like what the services answer. */
export function localReplies(): Json {
  return {
    mappers: REFUSALS.map(([status, error, message]) => ({
      filter: {
        status_code_filter: {
          comparison: { op: "EQ", value: { default_value: status, runtime_key: `replies.${status}` } },
        },
      },
      body_format_override: {
        json_format: { error, message, requestId: REQUEST_ID },
        content_type: "application/json",
      },
    })),
    body_format: {
      json_format: { error: "refused", message: "%LOCAL_REPLY_BODY%", requestId: REQUEST_ID },
      content_type: "application/json",
    },
  };
}
