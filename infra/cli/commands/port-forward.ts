import { once } from "node:events";
import net from "node:net";
import { defineCommand, exitCodes, stackOption } from "../command";
import { messageOf, UsageError, UserError } from "../errors";
import { Session } from "../session";
import { chooseMain, type Wanted } from "../targets/choose";
import { type Part, placeOf, type StackOnTarget } from "../targets/target";

const loopback = "127.0.0.1";

interface Ports {
  /** On this machine; 0 for any free one. */
  local: number;
  /** In the replica. */
  remote: number;
}

export const portForward = defineCommand({
  summary: "reach ports of a replica from this machine only, until Ctrl-C",
  arguments: ["SERVICE", "[LOCAL:]PORT..."],
  options: {
    ...stackOption,
    replica: {
      type: "string",
      value: "NAME",
      summary: "to this replica, as ps names it; else to a healthy one",
    },
  },
  async run(context, { stack: name, replica }, [service, ...texts]) {
    if (service === undefined || texts.length === 0) {
      throw new UsageError(
        "port-forward takes a service and a port: write for example port-forward users 8080.",
      );
    }
    const ports = texts.map(parsePorts);
    const { target, on } = await new Session(context, name).target();
    if (target.unreachable !== undefined) {
      throw new UserError(`port-forward is not served on ${target.name}: ${target.unreachable}`);
    }
    const wanted = { service, replica, label: on.label, place: target.name };
    const forwarding = new Forwarding(await target.open(context, on), wanted, (message) =>
      context.terminal.errorLine(message),
    );
    const place = placeOf(await forwarding.part());
    const signal = context.interruption.cooperate(() => undefined);
    for (const { local, remote } of ports) {
      const { port } = await forwarding.listen(local, remote);
      context.terminal.line(`${loopback}:${port} -> ${place} port ${remote}`);
    }
    if (!signal.aborted) {
      await once(signal, "abort");
    }
    forwarding.close();
    return exitCodes.done;
  },
});

/** @example parsePorts("9000:8080"); // { local: 9000, remote: 8080 } */
export function parsePorts(text: string): Ports {
  const [, before, after] = /^(?:(\d{0,5}):)?(\d{1,5})$/.exec(text) ?? [];
  const remote = Number(after);
  const local = before === undefined ? remote : Number(before);
  if (!(remote >= 1 && remote <= 65535 && local <= 65535)) {
    throw new UsageError(
      `A port is PORT or LOCAL:PORT, each from 1 to 65535, got "${text}". Write for example 9000:8080.`,
    );
  }
  return { local, remote };
}

/** Listens on this machine, and joins each connection with a replica; with another one when the one before is gone. */
class Forwarding {
  readonly #servers: net.Server[] = [];
  readonly #clients = new Set<net.Socket>();
  #part: Promise<Part> | undefined;

  constructor(
    private readonly stack: StackOnTarget,
    private readonly wanted: Wanted,
    private readonly complain: (message: string) => void,
  ) {}

  part(): Promise<Part> {
    this.#part ??= this.stack.parts().then((parts) => chooseMain(parts, this.wanted));
    return this.#part;
  }

  async listen(local: number, remote: number): Promise<net.AddressInfo> {
    // Who has said all that it has to say may still be answered.
    const server = net.createServer({ allowHalfOpen: true }, (client) => void this.#join(client, remote));
    this.#servers.push(server);
    server.listen(local, loopback);
    try {
      await once(server, "listening");
    } catch (error) {
      this.close();
      throw new UserError(
        `${loopback}:${local} cannot be listened on: ${messageOf(error)}. Write for example :${remote} for any free port.`,
      );
    }
    return server.address() as net.AddressInfo;
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
    }
    for (const client of this.#clients) {
      client.destroy();
    }
  }

  async #join(client: net.Socket, remote: number): Promise<void> {
    this.#clients.add(client);
    client.once("close", () => this.#clients.delete(client));
    // Told by the end of the connection.
    client.on("error", () => undefined);
    try {
      await this.stack.forward(await this.part(), remote, client);
    } catch (error) {
      this.#part = undefined;
      this.complain(`${this.wanted.service} port ${remote}: ${messageOf(error)}`);
    } finally {
      client.destroySoon();
    }
  }
}
