/**
 * The rules that every state keeps, so that a bug of ours stops a run and never spoils a file.
 */
import { dependencyUrns, isProviderType, type ResourceRecord } from "./records";

function fail(problem: string): never {
  throw new Error(`The state would become inconsistent, so it was not written: ${problem}.`);
}

/** Throws unless each resource is whole, unique while live, and stands after all that it depends on. */
export function verifyIntegrity(resources: readonly ResourceRecord[]): void {
  const live = new Set<string>();
  const earlier = new Set<string>();
  const providers = new Set<string>();
  for (const resource of resources) {
    const { urn } = resource;
    if (!urn || !resource.type)
      fail(
        `a resource has no URN or no type: ${JSON.stringify({ urn, type: resource.type, id: resource.id })}`,
      );
    if (!resource.custom && resource.id) fail(`the component ${urn} has the id ${resource.id}`);
    if (isProviderType(resource.type)) providers.add(`${urn}::${resource.id}`);
    if (resource.provider && !providers.has(resource.provider) && !resource.pendingReplacement) {
      fail(`${urn} refers to the unknown provider ${resource.provider}`);
    }
    for (const dependency of dependencyUrns(resource)) {
      if (!earlier.has(dependency)) fail(`${urn} refers to ${dependency}, which is missing or comes later`);
    }
    if (!resource.delete) {
      if (live.has(urn)) fail(`${urn} is there twice`);
      live.add(urn);
    }
    earlier.add(urn);
  }
}
