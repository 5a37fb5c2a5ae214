/**
 * What the program asks for when it registers a resource.
 */
import type { Properties } from "../provider";
import type { CustomTimeouts } from "../state/records";

export interface AliasSpec {
  name: string;
  type: string;
  stack: string;
  project: string;
  parent: string;
  noParent: boolean;
}

export interface Goal {
  type: string;
  name: string;
  custom: boolean;
  /** URN of the parent; the stack's own for a resource without one, "" for the stack. */
  parent: string;
  inputs: Properties;
  /** `urn::id`, or "" for the default provider of package and version. */
  provider: string;
  version: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  protect?: boolean;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  /** Undefined when the program leaves it to the provider. */
  deleteBeforeReplace?: boolean;
  retainOnDelete?: boolean;
  aliases: (string | AliasSpec)[];
  additionalSecretOutputs: string[];
  customTimeouts?: CustomTimeouts;
  importId: string;
  deletedWith: string;
  replaceWith: string[];
  replacementTrigger?: unknown;
  hooks: Record<string, string[]>;
  /** Of a resource that is read and not managed. */
  readId?: string;
  sourcePosition?: string;
}

export function emptyGoal(type: string, name: string): Goal {
  return {
    type,
    name,
    custom: true,
    parent: "",
    inputs: {},
    provider: "",
    version: "",
    dependencies: [],
    propertyDependencies: {},
    ignoreChanges: [],
    replaceOnChanges: [],
    aliases: [],
    additionalSecretOutputs: [],
    importId: "",
    deletedWith: "",
    replaceWith: [],
    hooks: {},
  };
}
