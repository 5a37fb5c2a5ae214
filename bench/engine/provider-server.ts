/** The provider of `docker-on-paper.ts` in Pulumi's protocol, for its CLI to attach to. */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { CallContext, Provider } from "../../infra/engine/provider";
import { fromStruct, toStruct } from "../../infra/engine/wire/struct";
import { plain } from "../../infra/engine/wire/values";

export interface ProviderServer {
  port: number;
  close(): void;
}

export async function serve(provider: Provider): Promise<ProviderServer> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(ResourceProviderService, {
    attach: unary(() => new Empty()),
    cancel: unary(() => new Empty()),
    getPluginInfo: unary(() => {
      const response = new PluginInfo();
      response.setVersion("5.2.0");
      return response;
    }),
    checkConfig: unary((request: messages.CheckRequest) => {
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: unary(() => new messages.DiffResponse()),
    configure: unary(() => {
      const response = new messages.ConfigureResponse();
      response.setSupportspreview(true);
      return response;
    }),
    check: unary(async (request: messages.CheckRequest) => {
      const [olds, news] = [request.getOlds(), request.getNews()].map(
        (part) => part && plain(fromStruct(part)),
      );
      const { inputs } = await provider.check(contextOf(request), olds, news);
      const response = new messages.CheckResponse();
      response.setInputs(toStruct(inputs));
      return response;
    }),
    diff: unary(async (request: messages.DiffRequest) => {
      const [inputs, outputs, news] = [request.getOldInputs(), request.getOlds(), request.getNews()].map(
        (part) => plain(fromStruct(part)),
      );
      const old = { id: request.getId(), inputs, outputs };
      const { changed, changedKeys } = await provider.diff(contextOf(request), old, news);
      const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
      const response = new messages.DiffResponse();
      response.setChanges(changed ? DIFF_SOME : DIFF_NONE);
      response.setDiffsList(changedKeys);
      return response;
    }),
    create: unary(async (request: messages.CreateRequest) => {
      const { id, outputs } = await provider.create(
        contextOf(request),
        plain(fromStruct(request.getProperties())),
      );
      const response = new messages.CreateResponse();
      response.setId(request.getPreview() ? "" : id);
      response.setProperties(toStruct(outputs));
      return response;
    }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, close: () => server.forceShutdown() };
}

function contextOf(request: { getUrn(): string }): CallContext {
  const urn = request.getUrn();
  const [, , types, name] = urn.split("::");
  const signal = new AbortController().signal;
  return { urn, name, type: types.split("$").at(-1)!, signal, progress: () => undefined };
}

function unary<Request, Response>(answer: (request: Request) => Response | Promise<Response>) {
  return async (call: ServerUnaryCall<Request, Response>, respond: sendUnaryData<Response>) => {
    try {
      respond(null, await answer(call.request));
    } catch (error) {
      respond({ code: status.UNKNOWN, details: String(error) });
    }
  };
}
