/**
 * The rules that every state keeps, so that a bug of ours stops a run and never spoils a file.
 */
import { dependencyUrns, isProviderType, type ResourceRecord } from "./records";

/** Throws unless the state is consistent. */
export function verifyIntegrity(resources: readonly ResourceRecord[]): void {
  const problem = problemIn(resources);
  if (problem) throw new Error(`The state would become inconsistent, so it was not written: ${problem}.`);
}

/** What is wrong, unless each resource is whole, unique while live, and stands after all that it depends on. */
export function problemIn(resources: readonly ResourceRecord[]): string | undefined {
  const live = new Set<string>();
  const earlier = new Set<string>();
  const providers = new Set<string>();
  for (const resource of resources) {
    const { urn, type, id, provider } = resource;
    if (!urn || !type) return `a resource has no URN or no type: ${JSON.stringify({ urn, type, id })}`;
    if (!resource.custom && id) return `the component ${urn} has the id ${id}`;
    if (isProviderType(type)) providers.add(`${urn}::${id}`);
    if (provider && !providers.has(provider) && !resource.pendingReplacement)
      return `${urn} refers to the unknown provider ${provider}`;
    for (const dependency of dependencyUrns(resource)) {
      if (!earlier.has(dependency)) return `${urn} refers to ${dependency}, which is missing or comes later`;
    }
    if (!resource.delete && live.has(urn)) return `${urn} is there twice`;
    if (!resource.delete) live.add(urn);
    earlier.add(urn);
  }
  return undefined;
}
