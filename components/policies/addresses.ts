import { isIP } from "node:net";
import type { AddressesSpec } from "../policy-specs";
import type { Problems } from "../problems";

/** Client addresses that may come in; others get 403. Networks are written like `10.0.0.0/8`. */
export interface AddressesArgs {
  /** Addresses or networks, of which the client must be in one. @default - any */
  allow?: string[];
  /** Addresses or networks that may not come in, though allowed. @default [] */
  deny?: string[];
}

export function checkAddresses(problems: Problems, at: string, args: AddressesArgs): void {
  for (const field of ["allow", "deny"] as const) {
    args[field]?.forEach((network, index) => {
      if (!isNetwork(network)) {
        const place = `${at}.${field}[${index}]`;
        problems.add(place, "must be an IP address or a network", network, 'Write one like "10.0.0.0/8".');
      }
    });
  }
  if (args.allow?.length === 0) {
    problems.add(`${at}.allow`, "must not be empty: nobody could come in", [], "Take it out for any.");
  }
  if (args.allow === undefined && (args.deny ?? []).length === 0) {
    problems.add(at, "must allow or deny something", args, 'Write { allow: ["10.0.0.0/8"] }.');
  }
}

function isNetwork(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  const most = { 4: 32, 6: 128 }[isIP(address)];
  return (
    most !== undefined &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}

export function addressesSpec(args: AddressesArgs | undefined): AddressesSpec | undefined {
  return args === undefined ? undefined : { allow: args.allow ?? [], deny: args.deny ?? [] };
}
