import { checkPort, checkUnique, checkWhole } from "../fields";
import type { Microservice } from "../microservice";
import type { TcpSpec } from "../policy-specs";
import type { Problems } from "../problems";
import { type AddressesArgs, addressesSpec, checkAddresses } from "./addresses";
import { nameOf } from "./destinations";

/**
 * A port whose connections go to a service as they are: Redis, AMQP and anything else. Nothing of what passes is looked at, so
 * the service itself must ask who comes.
 */
export interface TcpArgs {
  /** Port that clients use. */
  listen: number;
  /** The service, or its name. */
  to: Microservice | string;
  /** Name of the service's port. @default - its first port */
  port?: string;
  /** Client addresses that may connect. @default - any */
  addresses?: AddressesArgs;
  /** Connections at once, 1 to 1000000; further ones are closed. @default 10000 */
  maxConnections?: number;
  /** Seconds without a byte after which a connection is closed, 1 to 86400. @default 3600 */
  idleTimeoutSeconds?: number;
}

/** `taken`: the gateway's other ports. */
export function checkTcp(problems: Problems, at: string, listeners: TcpArgs[], taken: number[]): void {
  listeners.forEach(({ listen, addresses, maxConnections, idleTimeoutSeconds }, index) => {
    const place = `${at}[${index}]`;
    checkPort(problems, `${place}.listen`, listen);
    if (taken.includes(listen)) {
      const rule = "must differ from the gateway's other ports";
      problems.add(`${place}.listen`, rule, listen, "Write another one.");
    }
    if (addresses !== undefined) {
      checkAddresses(problems, `${place}.addresses`, addresses);
    }
    const many = { min: 1, max: 1000000, unit: "connections" };
    checkWhole(problems, `${place}.maxConnections`, maxConnections, many);
    checkWhole(problems, `${place}.idleTimeoutSeconds`, idleTimeoutSeconds, {
      min: 1,
      max: 86400,
      unit: "seconds",
    });
  });
  const ports = listeners.map(({ listen }, index) => ({ path: `${at}[${index}].listen`, value: listen }));
  checkUnique(problems, ports, "Write another port.");
}

export function tcpSpecs(listeners: TcpArgs[] = []): TcpSpec[] {
  return listeners.map(
    ({ listen, to, port, addresses, maxConnections = 10000, idleTimeoutSeconds = 3600 }) => {
      return {
        listen,
        service: nameOf(to),
        port,
        addresses: addressesSpec(addresses),
        maxConnections,
        idleTimeoutSeconds,
      };
    },
  );
}
