/**
 * Transforms: functions of the program that see each registration before the engine does, and change it.
 */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import {
  type RegisterResourceRequest,
  TransformRequest,
  TransformResourceOptions,
  TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import type { Callbacks } from "./callbacks";

export class Transforms {
  private readonly ofStack: Callback[] = [];
  private readonly ofResource = new Map<string, Callback[]>();

  constructor(
    private readonly callbacks: Callbacks,
    private readonly parentOf: (urn: string) => string | undefined,
  ) {}

  register(callback: Callback): void {
    this.ofStack.push(callback);
  }

  /** Remembers the transforms of a resource, since its children get them too. */
  remember(urn: string, callbacks: Callback[]): void {
    if (callbacks.length > 0) this.ofResource.set(urn, callbacks);
  }

  /** Applies the request's own transforms, then its parents', then the stack's. */
  async apply(request: RegisterResourceRequest): Promise<void> {
    const inherited: Callback[] = [];
    for (let urn: string | undefined = request.getParent(); urn; urn = this.parentOf(urn)) {
      inherited.push(...(this.ofResource.get(urn) ?? []));
    }
    for (const callback of [...request.getTransformsList(), ...inherited, ...this.ofStack]) {
      const message = new TransformRequest();
      message.setType(request.getType());
      message.setName(request.getName());
      message.setCustom(request.getCustom());
      message.setParent(request.getParent());
      message.setProperties(request.getObject());
      message.setOptions(optionsOf(request));
      const response = TransformResponse.deserializeBinary(await this.callbacks.invoke(callback, message));
      request.setObject(response.getProperties());
      const options = response.getOptions();
      if (options) setOptions(request, options);
    }
  }
}

function optionsOf(request: RegisterResourceRequest): TransformResourceOptions {
  const options = new TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setAliasesList(request.getAliasesList());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setProvider(request.getProvider());
  options.setVersion(request.getVersion());
  options.setDeletedWith(request.getDeletedwith());
  options.setImport(request.getImportid());
  options.setHooks(request.getHooks());
  options.setCustomTimeouts(request.getCustomtimeouts());
  if (request.hasProtect()) options.setProtect(request.getProtect()!);
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete()!);
  if (request.getDeletebeforereplacedefined())
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  return options;
}

function setOptions(request: RegisterResourceRequest, options: TransformResourceOptions): void {
  request.setDependenciesList(options.getDependsOnList());
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  request.setAliasesList(options.getAliasesList());
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  request.setProvider(options.getProvider());
  request.setVersion(options.getVersion());
  request.setDeletedwith(options.getDeletedWith());
  request.setImportid(options.getImport());
  request.setHooks(options.getHooks());
  request.setCustomtimeouts(options.getCustomTimeouts());
  if (options.hasProtect()) request.setProtect(options.getProtect()!);
  if (options.hasRetainOnDelete()) request.setRetainondelete(options.getRetainOnDelete()!);
  if (options.hasDeleteBeforeReplace()) {
    request.setDeletebeforereplace(options.getDeleteBeforeReplace()!);
    request.setDeletebeforereplacedefined(true);
  }
}
