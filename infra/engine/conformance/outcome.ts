/**
 * What a run did, in a form that is the same for both engines.
 */
import { isDefaultProvider, STACK_TYPE, urnName } from "../deployment/urn";
import type { Properties } from "../provider";
import { isProviderType, type ResourceRecord } from "../state/records";
import type { ExportedDeployment } from "../state/store";
import { parsePath } from "../wire/paths";
import { isObject, SECRET, SIGNATURE, type Value } from "../wire/values";
import type { Objects } from "./rule";

export interface Outcome {
  succeeded: boolean;
  /** `create first`, sorted; without what is the same, and without the stack, which the CLI tells only sometimes. */
  steps: string[];
  /** `first: other, value`, of updates and replacements: the CLI tells what kind they are of only where the provider does. */
  differences: string[];
  /** Names of the resources that an error is told of; one of the program is the stack's, or nobody's. */
  failed: string[];
  /** What the probe was asked to change, in order. */
  calls: string[];
  resources: Properties[];
}

/** What plugins that are made of a Terraform provider note of its state for themselves; they can do without it. */
const BRIDGE_NOTES = "__pulumi_raw_state_delta";

/** Fields that tell when and where, and not what. */
const PASSING = ["created", "modified", "sourcePosition", "stackTrace"];

/** Values that are made up anew in every run. */
const RANDOM_TYPES = /^random:/;

/** Names of a resource without the random part. */
function plainReference(reference: string, ids: Map<string, string>): string {
  for (const [id, replacement] of ids)
    if (reference.endsWith(`::${id}`)) return reference.replace(id, replacement);
  return reference;
}

function opened(value: Value): Value {
  if (Array.isArray(value)) return value.map(opened);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) {
    return {
      secret: typeof value.plaintext === "string" ? opened(JSON.parse(value.plaintext)) : value.plaintext,
    };
  }
  const entries = Object.entries(value).filter(([key]) => key !== BRIDGE_NOTES);
  return Object.fromEntries(entries.map(([key, part]) => [key, opened(part)]));
}

function masked(value: Value): Value {
  if (typeof value === "string") return `a text of ${value.length}`;
  if (isObject(value) && "secret" in value) return { secret: masked(value.secret) };
  return value;
}

/** Generated values, of which only the form can be compared. */
const GENERATED = ["result", "bcryptHash", "id"];

function normalized(resource: ResourceRecord, ids: Map<string, string>): Properties {
  const raw: Properties = { ...resource, inputs: opened(resource.inputs), outputs: opened(resource.outputs) };
  for (const field of PASSING) delete raw[field];
  if (raw.id && ids.has(raw.id)) raw.id = ids.get(raw.id);
  if (raw.provider) raw.provider = plainReference(raw.provider, ids);
  if (raw.inputs?.__provider) raw.inputs.__provider = "code";
  if (raw.outputs?.__provider) raw.outputs.__provider = "code";
  if (RANDOM_TYPES.test(raw.type)) {
    raw.id = masked(raw.id);
    for (const key of GENERATED) if (key in raw.outputs) raw.outputs[key] = masked(raw.outputs[key]);
  }
  for (const field of ["dependencies", "aliases"]) if (raw[field]) raw[field] = [...raw[field]].sort();
  if (raw.propertyDependencies) {
    const entries = Object.entries<string[]>(raw.propertyDependencies).filter(([, urns]) => urns?.length > 0);
    raw.propertyDependencies = Object.fromEntries(entries.map(([key, urns]) => [key, [...urns].sort()]));
  }
  return sorted(Object.fromEntries(Object.entries(raw).filter(([, value]) => !isEmpty(value))));
}

function isEmpty(value: Value): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

/** The resources of a state, comparable: sorted, secrets open and marked, without times and made-up ids. */
export function comparable({ deployment }: ExportedDeployment): Properties[] {
  const resources: ResourceRecord[] = deployment.resources ?? [];
  const ids = new Map<string, string>();
  for (const { type, id } of resources) {
    if (id && (isProviderType(type) || type === "pulumi:index:Stash")) ids.set(id, "a uuid");
  }
  return resources
    .map((resource) => normalized(resource, ids))
    .sort((left, right) =>
      JSON.stringify([left.urn, left.id]).localeCompare(JSON.stringify([right.urn, right.id])),
    );
}

export interface RawStep {
  operation: string;
  urn: string;
  type: string;
  /** Paths of the properties that differ. */
  changed: string[];
}

/** Brings steps of either engine into the same words. */
export function outcome(
  succeeded: boolean,
  steps: RawStep[],
  failed: (string | undefined)[],
  calls: string[],
  exported: ExportedDeployment,
): Outcome {
  const told = steps.filter(({ urn, type }) => type !== STACK_TYPE && !isDefaultProvider(urn, type));
  const changing = told.filter(({ operation }) => operation !== "same");
  const custom = new Set(
    (exported.deployment.resources ?? []).flatMap((each: ResourceRecord) => (each.custom ? [each.urn] : [])),
  );
  const differences = changing
    .filter(
      ({ operation, urn, changed }) =>
        /^(update|replace)$/.test(operation) && custom.has(urn) && changed.length > 0,
    )
    .map(({ urn, changed }) => {
      const keys = changed.flatMap((place) => parsePath(place)[0] ?? []);
      return `${urnName(urn)}: ${[...new Set(keys)].sort().join(", ")}`;
    });
  return shortened({
    succeeded,
    steps: changing.map(({ operation, urn }) => `${operation} ${urnName(urn)}`).sort(),
    differences: differences.sort(),
    failed: [
      ...new Set(failed.flatMap((urn) => (urn && !urn.includes(STACK_TYPE) ? [urnName(urn)] : []))),
    ].sort(),
    calls,
    resources: comparable(exported),
  });
}

/** Without what every URN begins with. */
function shortened(told: Outcome): Outcome {
  return JSON.parse(JSON.stringify(told).replaceAll("urn:pulumi:s::conformance::", "~"));
}

export type Cloud = { made: Record<string, number>; objects: Objects; calls: string[] };
