/**
 * Both services on one loopback port.
 */
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { EngineService as EngineDefinition } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Deployment } from "../deployment/deployment";
import { Callbacks } from "./callbacks";
import { EngineService } from "./engine-service";
import { Monitor } from "./monitor";
import { StatusError } from "./status";

const MAXIMUM_MESSAGE_BYTES = 400 * 1024 * 1024;

function unary<Request, Response>(
  serve: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response | Empty> {
  return async (call, respond) => {
    try {
      respond(null, (await serve(call.request)) ?? new Empty());
    } catch (error) {
      const code = error instanceof StatusError ? error.code : status.UNKNOWN;
      respond({ code, details: error instanceof Error ? error.message : String(error) });
    }
  };
}

interface Served {
  address: string;
  close(): void;
}

/** Both services of a run, started when somebody asks where they are. */
export class Services {
  private serving: Promise<Served> | undefined;

  constructor(private readonly deployment: () => Deployment) {}

  async address(): Promise<string> {
    this.serving ??= serve(this.deployment());
    return (await this.serving).address;
  }

  close(): void {
    void this.serving?.then((served) => served.close());
  }
}

async function serve(deployment: Deployment): Promise<Served> {
  const callbacks = new Callbacks();
  const monitor = new Monitor(deployment, callbacks);
  const engine = new EngineService(deployment);
  const server = new Server({
    "grpc.max_receive_message_length": MAXIMUM_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAXIMUM_MESSAGE_BYTES,
  });
  // A method that is not here answers "unimplemented" by itself.
  const monitorMethods: UntypedServiceImplementation = {
    getDeploymentInfo: unary(monitor.getDeploymentInfo.bind(monitor)),
    supportsFeature: unary(monitor.supportsFeature.bind(monitor)),
    registerResource: unary(monitor.registerResource.bind(monitor)),
    registerResourceOutputs: unary(monitor.registerResourceOutputs.bind(monitor)),
    readResource: unary(monitor.readResource.bind(monitor)),
    invoke: unary(monitor.invoke.bind(monitor)),
    call: unary(monitor.call.bind(monitor)),
    registerStackTransform: unary(monitor.registerStackTransform.bind(monitor)),
    registerResourceHook: unary(monitor.registerResourceHook.bind(monitor)),
    signalAndWaitForShutdown: unary(monitor.signalAndWaitForShutdown.bind(monitor)),
  };
  server.addService(ResourceMonitorService, monitorMethods);
  const engineMethods: UntypedServiceImplementation = {
    log: unary(engine.log.bind(engine)),
    getRootResource: unary(engine.getRootResource.bind(engine)),
    setRootResource: unary(engine.setRootResource.bind(engine)),
    requirePulumiVersion: unary(engine.requirePulumiVersion.bind(engine)),
  };
  server.addService(EngineDefinition, engineMethods);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    close() {
      callbacks.close();
      server.forceShutdown();
    },
  };
}
