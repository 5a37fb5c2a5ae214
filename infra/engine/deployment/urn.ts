/**
 * URNs: the name of a resource that stays the same from run to run.
 */
export const STACK_TYPE = "pulumi:pulumi:Stack";

export interface UrnParts {
  stack: string;
  project: string;
  type: string;
  name: string;
  /** URN of the parent, or "". */
  parent: string;
}

/** Type of a resource with those of its parents before it, the stack left out. */
function qualifiedType(urn: string): string {
  return urn.split("::")[2] ?? "";
}

export function makeUrn({ stack, project, type, name, parent }: UrnParts): string {
  const parentType = qualifiedType(parent);
  const prefix = parentType && parentType !== STACK_TYPE ? `${parentType}$` : "";
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

export function urnName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The package that serves a resource type or a function token. */
export function packageOf(token: string): string {
  const [first, , third] = token.split(":");
  return token.startsWith("pulumi:providers:") ? third : first;
}

/** Whether a resource is a provider that the engine registered by itself, which users do not want to hear of. */
export function isDefaultProvider(urn: string, type: string): boolean {
  return type.startsWith("pulumi:providers:") && /^default(_|$)/.test(urnName(urn));
}
