/**
 * What a stack's state consists of, in the field names of Pulumi's deployment format, version 3.
 */
import type { Properties } from "../provider";

export interface CustomTimeouts {
  /** Seconds, as all of them. */
  create?: number;
  update?: number;
  delete?: number;
}

export interface ResourceRecord {
  urn: string;
  custom: boolean;
  /** It was replaced, and waits for its deletion at the end of the run. */
  delete?: boolean;
  id?: string;
  type: string;
  inputs: Properties;
  outputs: Properties;
  parent?: string;
  protect?: boolean;
  /** The user asks for a replacement (`pulumi state taint`). */
  taint?: boolean;
  /** It was read and is not managed by the stack. */
  external?: boolean;
  dependencies?: string[];
  /** Why it is not as asked, although it exists. */
  initErrors?: string[];
  /** `urn::id` of the provider resource. */
  provider?: string;
  propertyDependencies?: Record<string, string[]>;
  /** It is deleted already, and its replacement is not made yet. */
  pendingReplacement?: boolean;
  additionalSecretOutputs?: string[];
  aliases?: string[];
  customTimeouts?: CustomTimeouts;
  importID?: string;
  retainOnDelete?: boolean;
  deletedWith?: string;
  created?: string;
  modified?: string;
  sourcePosition?: string;
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
  replaceWith?: string[];
  /** A value of the program's, whose change asks for a new resource. */
  replacementTrigger?: unknown;
  resourceHooks?: Record<string, string[]>;
}

export interface PendingOperation {
  resource: ResourceRecord;
  type: "creating" | "updating" | "deleting" | "reading";
}

export interface Snapshot {
  resources: ResourceRecord[];
  pendingOperations: PendingOperation[];
}

/** The URN in a provider reference `urn::id`. */
export function providerUrn(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}

/** Every resource that must exist for this one to exist. */
export function dependencyUrns(resource: ResourceRecord): string[] {
  return [
    ...(resource.parent ? [resource.parent] : []),
    ...(resource.dependencies ?? []),
    ...Object.values(resource.propertyDependencies ?? {}).flat(),
    ...(resource.deletedWith ? [resource.deletedWith] : []),
    ...(resource.replaceWith ?? []),
    ...(resource.provider ? [providerUrn(resource.provider)] : []),
  ];
}

export function isProviderType(type: string): boolean {
  return type.startsWith("pulumi:providers:");
}
