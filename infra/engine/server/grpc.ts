/**
 * The engine's services by gRPC on a loopback port, for plugins and the programs behind them.
 */
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { failure, type Message, type Method, type Methods, type ServedServices } from "./methods";

const MAXIMUM_MESSAGE_BYTES = 400 * 1024 * 1024;

const unary =
  (method: Method): handleUnaryCall<Message, Message> =>
  ({ request }, respond) =>
    method.answer(request).then(
      (response) => respond(null, response),
      (error) => respond(failure(error)),
    );

const implementation = (methods: Methods) =>
  Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, unary(method)]));

export interface Served {
  address: string;
  close(): void;
}

export async function serveByGrpc({ ResourceMonitor, Engine }: ServedServices): Promise<Served> {
  const server = new Server({
    "grpc.max_receive_message_length": MAXIMUM_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAXIMUM_MESSAGE_BYTES,
  });
  server.addService(ResourceMonitorService, implementation(ResourceMonitor));
  server.addService(EngineService, implementation(Engine));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
