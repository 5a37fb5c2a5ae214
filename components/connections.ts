/** How a service says on which ports it listens and whom it calls. */
import { type Call, numberCalls } from "./agent-sidecars";
import type { PortSpec, Protocol } from "./container-spec";

/** A port on which the service listens. */
export interface PortArgs {
  /** 1 to 65535, except 15000 to 15099. */
  port: number;
  /** @default - the protocol, for the first port; further ports must be named */
  name?: string;
  /** What the port speaks. @default "http" */
  protocol?: Protocol;
  /** Scheme of the URL that callers get, e.g. `"redis"`. @default - the protocol */
  scheme?: string;
}

/** A service that this one calls. */
export interface CallArgs {
  /** Name of the called microservice. */
  service: string;
  /** Name of its port. @default - its first port */
  port?: string;
  /** Protocol of that port. @default "http" */
  protocol?: Protocol;
  /** Scheme of the URL in the environment. @default - the protocol */
  scheme?: string;
}

/** A port in its long form. */
export function portArgs(port: number | PortArgs): PortArgs {
  return typeof port === "number" ? { port } : port;
}

/** The ports with every default filled in. */
export function portSpecs(ports: (number | PortArgs)[] = []): PortSpec[] {
  return ports.map(portArgs).map(({ port, name, protocol = "http", scheme }) => {
    return { name: name ?? protocol, port, protocol, scheme: scheme ?? protocol };
  });
}

/** A call in its long form. */
export function callArgs(call: string | CallArgs): CallArgs {
  return typeof call === "string" ? { service: call } : call;
}

/** The calls with every default filled in, each with its loopback port. */
export function callSpecs(calls: (string | CallArgs)[] = []): Call[] {
  return numberCalls(
    calls.map(callArgs).map(({ service, port, protocol = "http", scheme }) => {
      return { service, port, protocol, scheme: scheme ?? protocol };
    }),
  );
}
