/** ELB's part of one listener: a port of this machine, from which requests or connections go to healthy targets. */
import { once } from "node:events";
import * as http from "node:http";
import * as net from "node:net";

/** A target group as ELB answers it. */
export interface TargetGroup {
  TargetGroupArn: string;
  Protocol: string;
  Port: number;
  HealthCheckEnabled?: boolean;
  HealthCheckPath?: string;
  HealthCheckPort?: string;
  HealthCheckProtocol?: string;
  HealthCheckIntervalSeconds: number;
  HealthCheckTimeoutSeconds: number;
  HealthyThresholdCount: number;
  UnhealthyThresholdCount: number;
  Matcher?: { HttpCode?: string };
}

/** The targets of a group, with the group's own judgement of their health. */
export class Targets {
  private readonly targets = new Map<string, Target>();
  private turn = 0;

  constructor(readonly group: TargetGroup) {}

  /** Makes these the only ones that get new requests. */
  set(addresses: { host: string; port: number }[]): void {
    const wanted = new Map(addresses.map((one) => [`${one.host}:${one.port}`, one]));
    for (const [key, target] of this.targets) {
      if (!wanted.has(key)) {
        target.stop();
        this.targets.delete(key);
      }
    }
    for (const [key, { host, port }] of wanted) {
      if (!this.targets.has(key)) this.targets.set(key, new Target(this.group, host, port));
    }
  }

  isHealthy(host: string): boolean {
    return [...this.targets.values()].some((target) => target.host === host && target.isHealthy);
  }

  isUnhealthy(host: string): boolean {
    return [...this.targets.values()].some((target) => target.host === host && target.isUnhealthy);
  }

  /** The next one's turn; of all where none is healthy, as ELB has it. */
  next(): Target | undefined {
    const all = [...this.targets.values()];
    const healthy = all.filter(({ isHealthy }) => isHealthy);
    const able = healthy.length > 0 ? healthy : all;
    return able[this.turn++ % Math.max(1, able.length)];
  }

  stop(): void {
    this.set([]);
  }
}

class Target {
  isHealthy = false;
  isUnhealthy = false;
  private inARow = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly group: TargetGroup,
    readonly host: string,
    readonly port: number,
  ) {
    this.timer = setInterval(() => void this.probe(), group.HealthCheckIntervalSeconds * 1000);
    void this.probe();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async probe(): Promise<void> {
    const passed = await this.ask();
    this.inARow =
      Math.sign(this.inARow) === (passed ? 1 : -1) ? this.inARow + (passed ? 1 : -1) : passed ? 1 : -1;
    const isNew = !this.isHealthy && !this.isUnhealthy;
    // A new target is healthy with its first success.
    if (passed && (isNew || this.inARow >= this.group.HealthyThresholdCount)) {
      this.isHealthy = true;
      this.isUnhealthy = false;
    } else if (!passed && -this.inARow >= this.group.UnhealthyThresholdCount) {
      this.isHealthy = false;
      this.isUnhealthy = true;
    }
  }

  private async ask(): Promise<boolean> {
    const { HealthCheckPort: given, HealthCheckTimeoutSeconds, HealthCheckPath = "/", Matcher } = this.group;
    const port = given === undefined || given === "traffic-port" ? this.port : Number(given);
    const signal = AbortSignal.timeout(HealthCheckTimeoutSeconds * 1000);
    try {
      if (this.group.HealthCheckProtocol === "TCP") {
        const socket = net.connect({ host: this.host, port, signal });
        await once(socket, "connect");
        socket.destroy();
        return true;
      }
      const { status, body } = await fetch(`http://${this.host}:${port}${HealthCheckPath}`, {
        signal,
        redirect: "manual",
      });
      await body?.cancel();
      return isExpected(status, Matcher?.HttpCode ?? "200");
    } catch {
      return false;
    }
  }
}

/** As `"200,202"` and `"200-299"` say. */
function isExpected(status: number, codes: string): boolean {
  return codes.split(",").some((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return status >= from && status <= to;
  });
}

/** Opens a listener on loopback. */
export async function listen(protocol: string, port: number, targets: Targets): Promise<net.Server> {
  const makers: Record<string, (targets: Targets) => net.Server> = { HTTP: httpListener, TCP: tcpListener };
  const make = makers[protocol];
  if (make === undefined) throw new Error(`A listener of ${protocol} is not emulated`);
  const server = make(targets);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function httpListener(targets: Targets): net.Server {
  return http.createServer((request, response) => {
    const target = targets.next();
    if (target === undefined) return void response.writeHead(503).end();
    const { method, url, headers, socket } = request;
    const forwarded = {
      ...headers,
      "x-forwarded-for": [headers["x-forwarded-for"], socket.remoteAddress].flat().filter(Boolean).join(", "),
      "x-forwarded-proto": "http",
      "x-forwarded-port": String(socket.localPort),
    };
    const { host, port } = target;
    const passed = http.request(
      { host, port, method, path: url, headers: forwarded, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    request.pipe(passed);
  });
}

function tcpListener(targets: Targets): net.Server {
  return net.createServer((socket) => {
    const target = targets.next();
    if (target === undefined) return void socket.destroy();
    const passed = net.connect(target.port, target.host);
    socket.pipe(passed).pipe(socket);
    socket.on("error", () => passed.destroy());
    passed.on("error", () => socket.destroy());
  });
}
