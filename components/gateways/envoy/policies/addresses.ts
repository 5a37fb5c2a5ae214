import { isIP } from "node:net";
import type { AddressesSpec } from "../../../policy-specs";
import type { Policy } from "../filter";
import { type Json, typed } from "../vocabulary";

const FILTER = "addresses";

/** Clients come in by their address. */
export const addresses: Policy = {
  filters({ routes }) {
    const config = typed("extensions.filters.http.rbac.v3.RBAC");
    return routes.some((route) => route.addresses !== undefined)
      ? [{ name: FILTER, config, on: "always" }]
      : [];
  },
  ofRoute({ addresses: wanted }) {
    return wanted === undefined
      ? {}
      : {
          [FILTER]: typed("extensions.filters.http.rbac.v3.RBACPerRoute", {
            rbac: { rules: addressRules(wanted) },
          }),
        };
  },
};

/** Also for connections, which have no more than an address. */
export function addressRules({ allow, deny }: AddressesSpec): Json {
  const among = (networks: string[]): Json => ({
    or_ids: { ids: networks.map((one) => ({ remote_ip: network(one) })) },
  });
  const ids = [
    ...(allow.length === 0 ? [] : [among(allow)]),
    ...(deny.length === 0 ? [] : [{ not_id: among(deny) }]),
  ];
  const policy = { permissions: [{ any: true }], principals: [{ and_ids: { ids } }] };
  return { action: "ALLOW", policies: { address: policy } };
}

function network(text: string): Json {
  const [address_prefix, bits] = text.split("/");
  return {
    address_prefix,
    prefix_len: bits === undefined ? (isIP(address_prefix) === 4 ? 32 : 128) : Number(bits),
  };
}
