/**
 * The services of a run, and the ways to them.
 */
import type { Duplex } from "node:stream";
import type { Deployment } from "../deployment/deployment";
import { Callbacks } from "./callbacks";
import type { Served } from "./grpc";
import { type ServedServices, servedServices } from "./methods";
import { serveByPipe } from "./pipe";

export class Services {
  private readonly callbacks = new Callbacks();
  private readonly services: ServedServices;
  private serving: Promise<Served> | undefined;

  constructor(deployment: Deployment) {
    this.services = servedServices(deployment, this.callbacks);
  }

  /** For the program at the other end of the pipe. */
  serve(pipe: Duplex): void {
    serveByPipe(pipe, this.services);
  }

  /** For plugins: gRPC is loaded, and begins, when somebody asks where it is. */
  async address(): Promise<string> {
    const { serveByGrpc }: typeof import("./grpc") = require("./grpc");
    this.serving ??= serveByGrpc(this.services);
    return (await this.serving).address;
  }

  close(): void {
    this.callbacks.close();
    void this.serving?.then((served) => served.close());
  }
}
