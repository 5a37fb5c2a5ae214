/**
 * Calls back into the program, which serves its transforms and hooks under tokens.
 */
import type { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { type Callback, CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";

export class Callbacks {
  private readonly clients = new Map<string, CallbacksClient>();

  invoke(callback: Callback, request: { serializeBinary(): Uint8Array }): Promise<Uint8Array> {
    const message = new CallbackInvokeRequest();
    message.setToken(callback.getToken());
    message.setRequest(request.serializeBinary());
    return new Promise((resolve, reject) => {
      this.client(callback.getTarget()).invoke(message, (error, response) => {
        if (error) reject(new Error(error.details));
        else resolve(response.getResponse_asU8());
      });
    });
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
  }

  private client(target: string): CallbacksClient {
    let client = this.clients.get(target);
    if (!client) {
      client = connect(target);
      this.clients.set(target, client);
    }
    return client;
  }
}

/** Loads gRPC, which few programs need. */
function connect(target: string): CallbacksClient {
  const { credentials }: typeof import("@grpc/grpc-js") = require("@grpc/grpc-js");
  const callbacks: typeof import("@pulumi/pulumi/proto/callback_grpc_pb") = require("@pulumi/pulumi/proto/callback_grpc_pb");
  return new callbacks.CallbacksClient(target, credentials.createInsecure());
}
