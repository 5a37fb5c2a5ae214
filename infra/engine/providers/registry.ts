/**
 * The providers of a run: made once for each provider resource, with its configuration.
 */
import { packageOf } from "../deployment/urn";
import { type Provider, type ProviderFactory, UNKNOWN } from "../provider";
import { providerUrn, type ResourceRecord } from "../state/records";
import { hasUnknown, plain } from "../wire/values";

export class ProviderRegistry {
  private readonly instances = new Map<string, Promise<Provider | undefined>>();

  constructor(
    private readonly factories: Record<string, ProviderFactory>,
    private readonly find: (reference: string) => ResourceRecord | undefined,
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

  private async make(resource: ResourceRecord): Promise<Provider | undefined> {
    const name = packageOf(resource.type);
    const factory = this.factories[name];
    if (!factory) {
      const known = Object.keys(this.factories).join(", ");
      throw new Error(
        `The embedded engine has no provider for the package "${name}" (it has ${known}). Use Pulumi's CLI for this program.`,
      );
    }
    return hasUnknown(resource.inputs) ? undefined : factory(plain(resource.inputs));
  }
}
