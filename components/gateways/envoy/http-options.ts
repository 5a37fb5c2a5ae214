import { type Json, typed } from "./vocabulary";

/** Shorter than the keep-alive of common servers (5 s), so that Envoy never sends on a connection about to close. */
const UPSTREAM_IDLE_SECONDS = 3;

/** What a cluster says of the protocol that its instances speak. */
export function httpOptions(protocol: "http" | "grpc"): Json {
  const options = typed("extensions.upstreams.http.v3.HttpProtocolOptions", {
    common_http_protocol_options: { idle_timeout: `${UPSTREAM_IDLE_SECONDS}s` },
    explicit_http_config:
      protocol === "grpc" ? { http2_protocol_options: {} } : { http_protocol_options: {} },
  });
  return {
    typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options },
  };
}
