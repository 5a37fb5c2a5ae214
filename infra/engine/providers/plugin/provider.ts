/**
 * An installed `pulumi-resource-*` plugin as a provider of the engine, by Pulumi's ResourceProvider protocol.
 */

import type * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { CallResponse, ConstructResponse } from "@pulumi/pulumi/proto/provider_pb";
import {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  InvokeRequest,
  PropertyDiff,
  ProviderHandshakeRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import type { RegisterResourceRequest, ResourceCallRequest } from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { ChangeKind } from "../../events";
import type {
  CallContext,
  CheckFailure,
  CheckResult,
  DetailedDiff,
  DiffResult,
  Properties,
  Provider,
  ProviderHost,
  ResourceState,
} from "../../provider";
import { withoutContents } from "../../wire/assets";
import { fromStruct, toStruct } from "../../wire/struct";
import { changedKeys, flattenOutputs, plain } from "../../wire/values";
import { callRequest, constructRequest } from "./components";
import type { PluginProcess } from "./process";

type Old = ResourceState & { inputs: Properties };

const KINDS: Record<messages.PropertyDiff.Kind, ChangeKind> = {
  [PropertyDiff.Kind.ADD]: "add",
  [PropertyDiff.Kind.ADD_REPLACE]: "add-replace",
  [PropertyDiff.Kind.DELETE]: "delete",
  [PropertyDiff.Kind.DELETE_REPLACE]: "delete-replace",
  [PropertyDiff.Kind.UPDATE]: "update",
  [PropertyDiff.Kind.UPDATE_REPLACE]: "update-replace",
};

/** Whom a request is about; most of them have these three. */
function about<
  Request extends { setUrn(urn: string): void; setName(name: string): void; setType(type: string): void },
>(request: Request, { urn, name, type }: Pick<CallContext, "urn" | "name" | "type">): Request {
  request.setUrn(urn);
  request.setName(name);
  request.setType(type);
  return request;
}

function failures(list: messages.CheckFailure[]) {
  return list.map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
}

function diffResult(response: DiffResponse, old: Properties, next: Properties): DiffResult {
  const detailed: DetailedDiff = {};
  for (const [path, difference] of response.getDetaileddiffMap().entries()) {
    detailed[path] = { kind: KINDS[difference.getKind()], ofInputs: difference.getInputdiff() };
  }
  const unknown = response.getChanges() === DiffResponse.DiffChanges.DIFF_UNKNOWN;
  const keys = unknown ? changedKeys(old, next) : response.getDiffsList();
  const replaceKeys = response.getReplacesList();
  return {
    changed: unknown
      ? keys.length > 0 || replaceKeys.length > 0
      : response.getChanges() === DiffResponse.DiffChanges.DIFF_SOME,
    changedKeys: keys,
    replaceKeys,
    deleteBeforeReplace: response.getDeletebeforereplace(),
    stables: response.getStablesList(),
    ...(response.getHasdetaileddiff() ? { detailed } : {}),
  };
}

/** What is a plugin's own among the inputs of a provider resource. */
function settings({ version: _version, __internal, ...own }: Properties): Properties {
  return own;
}

/** What is the engine's among them. */
function reserved({ version, __internal }: Properties): Properties {
  return { ...(__internal ? { __internal } : {}), ...(version ? { version } : {}) };
}

function told(problems: CheckFailure[]): string {
  return problems.map(({ property, reason }) => [property, reason].filter(Boolean).join(": ")).join("\n");
}

export class PluginProvider implements Provider {
  /** Whether it can tell what an operation would answer. */
  private supportsPreview = false;
  /** Whether it takes values with what they depend on; else plain ones and secrets. */
  private acceptsOutputs = false;

  configuration: Properties = {};

  constructor(
    private readonly plugin: PluginProcess,
    private readonly host: ProviderHost,
  ) {}

  async handshake(engineAddress: string): Promise<void> {
    const request = new ProviderHandshakeRequest();
    request.setEngineAddress(engineAddress);
    request.setConfigureWithUrn(true);
    const response = await this.plugin.callIfThere("handshake", request);
    if (!response) return;
    this.supportsPreview = true;
    this.acceptsOutputs = response.getAcceptOutputs();
  }

  async configure(configuration: Properties): Promise<void> {
    this.configuration = await this.checkConfiguration(configuration);
    const args = settings(this.configuration);
    const request = about(new ConfigureRequest(), this.host.identity);
    request.setId(this.host.identity.id);
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    request.setSendsOldInputsToDelete(true);
    request.setArgs(toStruct(args));
    const packageName = this.host.identity.type.split(":")[2];
    for (const [key, value] of Object.entries(args)) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      request.getVariablesMap().set(`${packageName}:config:${key}`, text);
    }
    const response = await this.plugin.call("configure", request);
    this.supportsPreview ||= response.getSupportspreview();
    this.acceptsOutputs ||= response.getAcceptoutputs();
  }

  /** The configuration with the plugin's defaults; throws what is wrong with it. */
  async checkConfiguration(next: Properties): Promise<Properties> {
    const request = about(new CheckRequest(), this.host.identity);
    request.setOlds(toStruct({}));
    request.setNews(toStruct(next));
    const response = await this.plugin.callIfThere("checkConfig", request);
    if (!response) return next;
    const problems = failures(response.getFailuresList());
    if (problems.length > 0) throw new Error(told(problems));
    return { ...reserved(next), ...fromStruct(response.getInputs()) };
  }

  async diffConfiguration(old: Properties, next: Properties): Promise<DiffResult | undefined> {
    const request = about(new DiffRequest(), this.host.identity);
    request.setId(this.host.identity.id);
    request.setOldInputs(toStruct(settings(old)));
    request.setOlds(toStruct(settings(old)));
    request.setNews(toStruct(settings(next)));
    const response = await this.plugin.callIfThere("diffConfig", request);
    return response && diffResult(response, old, next);
  }

  async check(context: CallContext, old: Properties | undefined, next: Properties): Promise<CheckResult> {
    const request = about(new CheckRequest(), context);
    request.setOlds(toStruct(old ?? {}));
    request.setNews(toStruct(next));
    request.setRandomseed(crypto.getRandomValues(new Uint8Array(32)));
    const response = await this.plugin.call("check", request);
    return { inputs: fromStruct(response.getInputs()), failures: failures(response.getFailuresList()) };
  }

  async diff(context: CallContext, old: Old, next: Properties): Promise<DiffResult> {
    const request = about(new DiffRequest(), context);
    request.setId(old.id);
    request.setOldInputs(toStruct(withoutContents(old.inputs)));
    request.setOlds(toStruct(withoutContents(old.outputs)));
    request.setNews(toStruct(withoutContents(next)));
    request.setIgnorechangesList([...(context.ignoreChanges ?? [])]);
    return diffResult(
      await this.plugin.call("diff", request),
      withoutContents(old.inputs),
      withoutContents(next),
    );
  }

  async create(context: CallContext, inputs: Properties): Promise<ResourceState> {
    const response = await this.send(context, inputs, false);
    if (!response.getId()) throw new Error("The plugin made it, but gave it no id.");
    return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
  }

  async foreseeCreate(context: CallContext, inputs: Properties): Promise<Properties | undefined> {
    if (!this.supportsPreview) return undefined;
    return fromStruct((await this.send(context, inputs, true)).getProperties());
  }

  private send(context: CallContext, inputs: Properties, preview: boolean) {
    const request = about(new CreateRequest(), context);
    request.setProperties(toStruct(inputs));
    request.setTimeout(context.timeoutSeconds ?? 0);
    request.setPreview(preview);
    return this.plugin.call("create", request);
  }

  async update(context: CallContext, old: Old, next: Properties): Promise<Properties> {
    return fromStruct((await this.sendUpdate(context, old, next, false)).getProperties());
  }

  async foreseeUpdate(context: CallContext, old: Old, next: Properties): Promise<Properties | undefined> {
    if (!this.supportsPreview) return undefined;
    return fromStruct((await this.sendUpdate(context, old, next, true)).getProperties());
  }

  private sendUpdate(context: CallContext, old: Old, next: Properties, preview: boolean) {
    const request = about(new UpdateRequest(), context);
    request.setId(old.id);
    request.setOldInputs(toStruct(old.inputs));
    request.setOlds(toStruct(old.outputs));
    request.setNews(toStruct(next));
    request.setTimeout(context.timeoutSeconds ?? 0);
    request.setIgnorechangesList([...(context.ignoreChanges ?? [])]);
    request.setPreview(preview);
    return this.plugin.call("update", request);
  }

  async delete(context: CallContext, old: Old): Promise<void> {
    const request = about(new DeleteRequest(), context);
    request.setId(old.id);
    request.setOldInputs(toStruct(old.inputs));
    request.setProperties(toStruct(old.outputs));
    request.setTimeout(context.timeoutSeconds ?? 0);
    await this.plugin.call("delete", request);
  }

  async read(context: CallContext, id: string, inputs: Properties, outputs: Properties) {
    const request = about(new ReadRequest(), context);
    request.setId(id);
    request.setInputs(toStruct(inputs));
    request.setProperties(toStruct(outputs));
    request.setTimeout(context.timeoutSeconds ?? 0);
    const response = await this.plugin.call("read", request);
    if (!response.getId() || !response.hasProperties()) return undefined;
    return {
      id: response.getId(),
      outputs: fromStruct(response.getProperties()),
      inputs: response.hasInputs() ? fromStruct(response.getInputs()) : inputs,
    };
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const request = new InvokeRequest();
    request.setTok(token);
    request.setArgs(toStruct(args));
    const response = await this.plugin.call("invoke", request);
    const problems = failures(response.getFailuresList());
    if (problems.length > 0) throw new Error(told(problems));
    return plain(fromStruct(response.getReturn()));
  }

  async construct(registration: RegisterResourceRequest, parent: string): Promise<ConstructResponse> {
    const request = constructRequest(registration, parent, this.host.run, await this.host.address());
    if (!this.acceptsOutputs) request.setInputs(toStruct(flattenOutputs(fromStruct(request.getInputs()))));
    return this.plugin.call("construct", request);
  }

  async call(asked: ResourceCallRequest): Promise<CallResponse> {
    const request = callRequest(asked, this.host.run, await this.host.address());
    if (!this.acceptsOutputs) request.setArgs(toStruct(flattenOutputs(fromStruct(request.getArgs()))));
    return this.plugin.call("call", request);
  }

  async cancel(): Promise<void> {
    await this.plugin.callIfThere("cancel", new Empty());
  }

  close(): void {
    this.plugin.close();
  }
}
