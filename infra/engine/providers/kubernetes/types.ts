/** Pulumi's type tokens of package `kubernetes`, and the kinds of objects that they stand for. */

export interface ObjectType {
  apiVersion: string;
  kind: string;
  /** A part of an object that something else has made. */
  isPatch: boolean;
}

const TOOLS = "Render it to plain manifests and use their types, or deploy with Pulumi's CLI.";
/** Groups and kinds that the plugin serves by programs of its own. */
const REFUSED: [pattern: RegExp, what: string][] = [
  [/^kubernetes:helm\.sh\//, `is a Helm chart, which the embedded engine does not render. ${TOOLS}`],
  [/^kubernetes:kustomize\//, `is a Kustomize folder, which the embedded engine does not render. ${TOOLS}`],
  [/^kubernetes:yaml\//, `is a component of the plugin, and the embedded engine runs none. ${TOOLS}`],
  [/^kubernetes:[^:]+:\w+List$/, "is a list, and lists cannot be made. Use the type of its elements."],
];

/** E.g. `kubernetes:apps/v1:Deployment`; throws for what is not served. */
export function parseType(token: string): ObjectType {
  for (const [pattern, what] of REFUSED) if (pattern.test(token)) throw new Error(`${token} ${what}`);
  const [, version, name] = /^kubernetes:([^:]+):([^:]+)$/.exec(token) ?? [];
  if (!version || !name) {
    throw new Error(`${token} is no type of an object. Write e.g. kubernetes:apps/v1:Deployment.`);
  }
  const isPatch = name.endsWith("Patch");
  return {
    apiVersion: version.replace(/^core\//, ""),
    kind: isPatch ? name.slice(0, -"Patch".length) : name,
    isPatch,
  };
}
