/** HTTPS: the certificate comes from a file of its own. */
import type { Certificate } from "../../gateway-certificate";
import type { TlsSpec } from "../../policy-specs";
import { address, discoveryResponse, HTTPS_PORT, type Json, typed, watchedFile } from "./vocabulary";

export const CERTIFICATE_FILE = "secret-certificate.json";

const VERSIONS = { "1.2": "TLSv1_2", "1.3": "TLSv1_3" };

export function httpsListener({ minimumVersion }: TlsSpec, filters: Json[]): Json {
  const context = typed("extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
    common_tls_context: {
      alpn_protocols: ["h2", "http/1.1"],
      tls_params: { tls_minimum_protocol_version: VERSIONS[minimumVersion] },
      tls_certificate_sds_secret_configs: [
        { name: "certificate", sds_config: watchedFile(CERTIFICATE_FILE) },
      ],
    },
  });
  return typed("config.listener.v3.Listener", {
    name: "https",
    address: address("0.0.0.0", HTTPS_PORT),
    filter_chains: [
      { filters, transport_socket: { name: "envoy.transport_sockets.tls", typed_config: context } },
    ],
  });
}

/** The file that Envoy has the certificate and its key from. */
export function certificateFile({ certificate, privateKey }: Certificate): Json {
  const secret = typed("extensions.transport_sockets.tls.v3.Secret", {
    name: "certificate",
    tls_certificate: {
      certificate_chain: { inline_string: certificate },
      private_key: { inline_string: privateKey },
    },
  });
  return discoveryResponse([secret]);
}

/** Sends every request to the same place over TLS. */
export function redirectRoutes({ port }: TlsSpec): Json {
  const redirect = { https_redirect: true, port_redirect: port, response_code: "PERMANENT_REDIRECT" };
  const host = { name: "*", domains: ["*"], routes: [{ match: { prefix: "/" }, redirect }] };
  return { route_config: { name: "redirect", virtual_hosts: [host] } };
}
