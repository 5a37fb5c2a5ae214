/**
 * What the engine serves: Pulumi's ResourceMonitor and Engine, by whatever way a call comes.
 */

import { Callback } from "@pulumi/pulumi/proto/callback_pb";
import {
  LogRequest,
  RequirePulumiVersionRequest,
  SetRootResourceRequest,
} from "@pulumi/pulumi/proto/engine_pb";
import * as monitorMessages from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Deployment } from "../deployment/deployment";
import type { Callbacks } from "./callbacks";
import { EngineService } from "./engine-service";
import { Monitor } from "./monitor";
import { StatusError, UNKNOWN_ERROR } from "./status";

export interface Message {
  toArray(): unknown[];
}

export interface Method {
  Request: new (array?: unknown[]) => Message;
  answer(request: Message): Promise<Message>;
}

/** By name; one that is not here is "unimplemented" to who calls it. */
export type Methods = Record<string, Method>;

export type ServedServices = Record<"ResourceMonitor" | "Engine", Methods>;

function method<Request extends Message>(
  Request: new (array?: unknown[]) => Request,
  serve: (request: Request) => Message | Promise<Message>,
): Method {
  return { Request, answer: async (request) => serve(request as Request) };
}

/** A method without an answer of its own. */
function order<Request extends Message>(
  Request: new (array?: unknown[]) => Request,
  serve: (request: Request) => void | Promise<void>,
): Method {
  return method(Request, async (request) => {
    await serve(request);
    return new Empty();
  });
}

export function servedServices(deployment: Deployment, callbacks: Callbacks): ServedServices {
  const monitor = new Monitor(deployment, callbacks);
  const engine = new EngineService(deployment);
  const { RegisterResourceRequest, RegisterResourceOutputsRequest, ReadResourceRequest } = monitorMessages;
  const { ResourceInvokeRequest, ResourceCallRequest, RegisterResourceHookRequest } = monitorMessages;
  return {
    ResourceMonitor: {
      getDeploymentInfo: method(Empty, () => monitor.getDeploymentInfo()),
      supportsFeature: method(monitorMessages.SupportsFeatureRequest, (request) =>
        monitor.supportsFeature(request),
      ),
      registerResource: method(RegisterResourceRequest, (request) => monitor.registerResource(request)),
      registerResourceOutputs: order(RegisterResourceOutputsRequest, (request) =>
        monitor.registerResourceOutputs(request),
      ),
      readResource: method(ReadResourceRequest, (request) => monitor.readResource(request)),
      invoke: method(ResourceInvokeRequest, (request) => monitor.invoke(request)),
      call: method(ResourceCallRequest, (request) => monitor.call(request)),
      registerStackTransform: order(Callback, (callback) => monitor.registerStackTransform(callback)),
      registerResourceHook: order(RegisterResourceHookRequest, (request) =>
        monitor.registerResourceHook(request),
      ),
      signalAndWaitForShutdown: order(Empty, () => monitor.signalAndWaitForShutdown()),
    },
    Engine: {
      log: order(LogRequest, (request) => engine.log(request)),
      getRootResource: method(Empty, () => engine.getRootResource()),
      setRootResource: method(SetRootResourceRequest, (request) => engine.setRootResource(request)),
      requirePulumiVersion: method(RequirePulumiVersionRequest, () => engine.requirePulumiVersion()),
    },
  };
}

/** What who calls is told of an error. */
export function failure(error: unknown): { code: number; details: string } {
  const code = error instanceof StatusError ? error.code : UNKNOWN_ERROR;
  return { code, details: error instanceof Error ? error.message : String(error) };
}
