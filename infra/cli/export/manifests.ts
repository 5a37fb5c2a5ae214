/** A stack's resources as Kubernetes manifests. */
import { stringify } from "yaml";
import type { ResourceSummary } from "../../engine/events";
import { UNPUSHED } from "./on-paper";

/**
 * One YAML document for each object, in the order in which they can be applied; secrets only when asked for. An image that
 * was never pushed has no digest yet: its tag stands for it.
 */
export function toManifests(resources: ResourceSummary[], showSecrets: boolean): string {
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const documents = objects
    .filter(({ secret }) => showSecrets || !secret)
    .map(({ inputs }) => stringify(toManifest(inputs), { lineWidth: 0, aliasDuplicateObjects: false }));
  const omitted = objects
    .filter(({ secret }) => secret && !showSecrets)
    .map(
      ({ inputs }) => `# Left out, as it holds secrets (--show-secrets): ${inputs.kind} ${nameOf(inputs)}`,
    );
  const text = [...(omitted.length > 0 ? [`${omitted.join("\n")}\n`] : []), ...documents].join("---\n");
  return text.replaceAll(`@${UNPUSHED}`, ":");
}

type Inputs = ResourceSummary["inputs"];

/** In the order that people write, without what only Pulumi reads. */
function toManifest({ apiVersion, kind, metadata, __defaults: _, ...content }: Inputs): Inputs {
  const { name, namespace, annotations = {}, ...rest } = metadata;
  const own = Object.entries(annotations).filter(([name]) => !name.startsWith("pulumi.com/"));
  const annotated = own.length > 0 ? { annotations: Object.fromEntries(own) } : {};
  return { apiVersion, kind, metadata: { name, namespace, ...rest, ...annotated }, ...content };
}

function nameOf({ metadata: { name, namespace } }: Inputs): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
