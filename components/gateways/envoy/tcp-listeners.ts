import type { TcpSpec } from "../../policy-specs";
import { clusterName } from "./cluster-name";
import { addressRules } from "./policies/addresses";
import { address, connectionLimit, FIRST_TCP_PORT, type Json, typed } from "./vocabulary";

/** Ports whose connections go to services as they are. */
export function tcpListeners(listeners: TcpSpec[]): Json[] {
  return listeners.map((listener, index) => {
    const { listen, addresses, maxConnections, idleTimeoutSeconds } = listener;
    const name = `tcp-${listen}`;
    const rules = addresses && {
      name: "envoy.filters.network.rbac",
      typed_config: typed("extensions.filters.network.rbac.v3.RBAC", {
        stat_prefix: `${name}.addresses.`,
        rules: addressRules(addresses),
      }),
    };
    const proxy = typed("extensions.filters.network.tcp_proxy.v3.TcpProxy", {
      stat_prefix: name,
      cluster: clusterName(listener),
      idle_timeout: `${idleTimeoutSeconds}s`,
    });
    return typed("config.listener.v3.Listener", {
      name,
      address: address("0.0.0.0", tcpPort(index)),
      filter_chains: [
        {
          filters: [
            ...(rules === undefined ? [] : [rules]),
            connectionLimit(name, maxConnections),
            { name: "envoy.filters.network.tcp_proxy", typed_config: proxy },
          ],
        },
      ],
    });
  });
}

/** Port of the gateway's containers that serves a TCP listener, by its place in the list. */
export function tcpPort(index: number): number {
  return FIRST_TCP_PORT + index;
}
