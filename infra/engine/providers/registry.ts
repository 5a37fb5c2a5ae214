/**
 * The providers of a run: made once for each provider resource, with its configuration.
 */
import { packageOf, urnName } from "../deployment/urn";
import { type Provider, type ProviderFactory, type ProviderHost, UNKNOWN } from "../provider";
import { providerUrn, type ResourceRecord } from "../state/records";
import { hasUnknown, plain } from "../wire/values";
import { createBuiltinProvider } from "./builtin";

/** The plugins' adapter is loaded when a run has need of it. */
function pluginFactory(packageName: string): ProviderFactory {
  return (configuration, host) => {
    const plugins: typeof import("./plugin") = require("./plugin");
    return plugins.pluginFactory(packageName)(configuration, host);
  };
}

export class ProviderRegistry {
  private readonly instances = new Map<string, Promise<Provider | undefined>>();
  private readonly made = new Set<Provider>();

  constructor(
    private readonly factories: Record<string, ProviderFactory>,
    private readonly find: (reference: string) => ResourceRecord | undefined,
    private readonly host: Omit<ProviderHost, "identity">,
  ) {}

  /** The provider behind `urn::id`; undefined in a preview while its configuration is not known. */
  get(reference: string): Promise<Provider | undefined> {
    let instance = this.instances.get(reference);
    if (!instance) {
      const resource = this.find(reference);
      if (!resource)
        return Promise.reject(new Error(`The provider ${providerUrn(reference)} is not in the state.`));
      instance = this.make(resource);
      this.instances.set(reference, instance);
    }
    return instance;
  }

  /** Makes the provider of a resource that was registered just now, whatever an old one under its name was. */
  configure(resource: ResourceRecord): Promise<Provider | undefined> {
    const instance = this.make(resource);
    this.instances.set(`${resource.urn}::${resource.id || UNKNOWN}`, instance);
    return instance;
  }

  /** Has a new provider serve beside the old one under its name, which keeps what it was made with. */
  exchange(old: ResourceRecord, next: ResourceRecord): Promise<Provider | undefined> {
    this.instances.delete(`${old.urn}::${old.id}`);
    return this.configure(next);
  }

  private async make(resource: ResourceRecord): Promise<Provider | undefined> {
    const name = packageOf(resource.type);
    const factory = this.factories[name] ?? (name === "pulumi" ? createBuiltinProvider : pluginFactory(name));
    if (hasUnknown(resource.inputs)) return undefined;
    const { urn, id, type } = resource;
    const identity = { urn, id: id ?? UNKNOWN, name: urnName(urn), type };
    const provider = await factory(plain(resource.inputs), { ...this.host, identity });
    this.made.add(provider);
    return provider;
  }

  /** The user wants the run to end. */
  cancel(): void {
    for (const provider of this.made) void provider.cancel?.().catch(() => undefined); // it may be gone already
  }

  close(): void {
    for (const provider of this.made) provider.close?.();
  }
}
