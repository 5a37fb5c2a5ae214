/**
 * The service that the program registers its resources with: Pulumi's ResourceMonitor.
 */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import type { CallResponse } from "@pulumi/pulumi/proto/provider_pb";
import {
  DeploymentInfo,
  type ReadResourceRequest,
  ReadResourceResponse,
  type RegisterResourceHookRequest,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  type ResourceCallRequest,
  type ResourceInvokeRequest,
  ResourceInvokeResponse,
  ResourceMonitorFeature,
  type SupportsFeatureRequest,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import type { Deployment } from "../deployment/deployment";
import { packageOf } from "../deployment/urn";
import { type Properties, UNKNOWN } from "../provider";
import { ORGANIZATION } from "../state/backend";
import { withHashes } from "../wire/assets";
import { markSecrets } from "../wire/secrecy";
import { fromStruct, toStruct } from "../wire/struct";
import { clean, flattenOutputs, hasUnknown, plain } from "../wire/values";
import type { Callbacks } from "./callbacks";
import { remoteHook } from "./hooks";
import { readGoal, registrationGoal } from "./requests";
import { NOT_FOUND, StatusError } from "./status";
import { Transforms } from "./transforms";

/** What the SDK may use; with anything else it stops by itself and says what is missing. */
const FEATURES: Record<string, ResourceMonitorFeature> = {
  secrets: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS,
  resourceReferences: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  outputValues: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  aliasSpecs: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  deletedWith: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  replaceWith: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
  transforms: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
  resourceHooks: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
  invokeDependsOn: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON,
};

export class Monitor {
  private readonly transforms: Transforms;

  constructor(
    private readonly deployment: Deployment,
    private readonly callbacks: Callbacks,
  ) {
    this.transforms = new Transforms(callbacks, (urn) => this.state.registered.get(urn)?.parent);
  }

  private get state() {
    return this.deployment.context.state;
  }

  getDeploymentInfo(): DeploymentInfo {
    const { project, stack, preview } = this.deployment.context;
    const info = new DeploymentInfo();
    info.setProject(project);
    info.setStack(stack);
    info.setOrganization(ORGANIZATION);
    info.setDryrun(preview);
    info.setSupportedfeaturesList(Object.values(FEATURES));
    return info;
  }

  supportsFeature(request: SupportsFeatureRequest): SupportsFeatureResponse {
    const response = new SupportsFeatureResponse();
    response.setHassupport(request.getId() in FEATURES);
    return response;
  }

  async registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    if (request.getRemote()) return this.constructComponent(request);
    const resource = await this.deployment.lifecycle.answer(async () => {
      const own = request.getTransformsList();
      await this.transforms.apply(request);
      const { directory } = this.deployment.context;
      const goal = registrationGoal(request, directory);
      goal.inputs = await withHashes(goal.inputs, directory);
      const registered = await this.deployment.registrar.register(goal);
      this.transforms.remember(registered.urn, own);
      return registered;
    });
    const response = new RegisterResourceResponse();
    response.setUrn(resource.urn);
    response.setId(resource.id === UNKNOWN ? "" : (resource.id ?? ""));
    response.setObject(toStruct(resource.custom ? resource.outputs : resource.inputs));
    response.setUnknown(this.state.skipped.has(resource.urn));
    return response;
  }

  /** A component that a plugin makes: it registers it, and what it consists of, by itself. */
  private constructComponent(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const { lifecycle, registrar, context } = this.deployment;
    return lifecycle.relay(async () => {
      await this.transforms.apply(request);
      const parent = request.getParent() || registrar.rootUrn;
      const made = await registrar.report(
        registrar.urn(request.getType(), request.getName(), parent),
        request.getType(),
        async () => {
          const packageName = packageOf(request.getType());
          const reference =
            request.getProvider() || (await registrar.defaultProvider(packageName, request.getVersion()));
          const provider = await context.providers.get(reference);
          if (!provider?.construct) throw new Error(`The provider of ${packageName} makes no components.`);
          return provider.construct(request, parent);
        },
      );
      this.transforms.remember(made.getUrn(), request.getTransformsList());
      const response = new RegisterResourceResponse();
      response.setUrn(made.getUrn());
      response.setObject(toStruct(flattenOutputs(fromStruct(made.getState()))));
      for (const [key, list] of made.getStatedependenciesMap().entries()) {
        const dependencies = new RegisterResourceResponse.PropertyDependencies();
        dependencies.setUrnsList(list.getUrnsList());
        response.getPropertydependenciesMap().set(key, dependencies);
      }
      return response;
    });
  }

  /** Calls a method of a component, which a plugin's own code serves. */
  call(request: ResourceCallRequest): Promise<CallResponse> {
    const { lifecycle, registrar, context } = this.deployment;
    return lifecycle.relay(async () => {
      const packageName = packageOf(request.getTok());
      const reference =
        request.getProvider() || (await registrar.defaultProvider(packageName, request.getVersion()));
      const provider = await context.providers.get(reference);
      if (!provider?.call) throw new Error(`The provider of ${packageName} has no methods.`);
      return provider.call(request);
    });
  }

  registerResourceOutputs(request: RegisterResourceOutputsRequest): Promise<void> {
    const { lifecycle, registrar } = this.deployment;
    const outputs = flattenOutputs(fromStruct(request.getOutputs()));
    return lifecycle.answer(() => registrar.registerOutputs(request.getUrn(), outputs));
  }

  async readResource(request: ReadResourceRequest): Promise<ReadResourceResponse> {
    const goal = readGoal(request, this.deployment.context.directory);
    const resource = await this.deployment.lifecycle.answer(() => this.deployment.registrar.register(goal));
    const response = new ReadResourceResponse();
    response.setUrn(resource.urn);
    response.setProperties(toStruct(resource.outputs));
    return response;
  }

  invoke(request: ResourceInvokeRequest): Promise<ResourceInvokeResponse> {
    return this.deployment.lifecycle.answer(async () => {
      const response = new ResourceInvokeResponse();
      const result = await this.ask(request);
      if (result) response.setReturn(toStruct(result));
      else response.setUnknown(true);
      return response;
    });
  }

  /** What a function answers; undefined while a preview cannot know it. */
  private async ask(request: ResourceInvokeRequest): Promise<Properties | undefined> {
    const token = request.getTok();
    const given = fromStruct(request.getArgs());
    const args = plain(given);
    if (token === "pulumi:pulumi:getResource") {
      const resource = this.state.find(args.urn);
      if (!resource) throw new StatusError(NOT_FOUND, `There is no resource ${args.urn}.`);
      return { urn: resource.urn, id: resource.id ?? "", state: resource.outputs };
    }
    const { registrar, context } = this.deployment;
    if (context.preview && request.getDependsonList().some((urn) => !this.exists(urn))) return undefined;
    const ownProvider = request.getProvider();
    const reference =
      ownProvider || (await registrar.defaultProvider(packageOf(token), request.getVersion()));
    const provider = await context.providers.get(reference);
    if (!provider || hasUnknown(args)) return undefined;
    const answer = markSecrets(clean(await provider.invoke(token, args)), given, []);
    context.reporter.secrets.learn(answer);
    return answer;
  }

  /** Whether a resource is more than a plan. */
  private exists(urn: string): boolean {
    const resource = this.state.find(urn);
    return resource !== undefined && (!resource.custom || Boolean(resource.id));
  }

  registerStackTransform(callback: Callback): void {
    this.transforms.register(callback);
  }

  registerResourceHook(request: RegisterResourceHookRequest): void {
    this.deployment.hooks.register(request.getName(), remoteHook(request, this.callbacks));
  }

  /** The program is done and waits, so that its hooks can be called while the deletes run. */
  signalAndWaitForShutdown(): Promise<void> {
    return this.deployment.lifecycle.answer(() => this.deployment.finish());
  }
}
