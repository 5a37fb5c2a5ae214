/**
 * A snapshot as the JSON of Pulumi's checkpoint, version 3, and back.
 */
import { createHash } from "node:crypto";
import * as path from "node:path";
import type { Properties } from "../provider";
import { hasSecret, isObject, mapTagged, SECRET, SIGNATURE, secret, type Value } from "../wire/values";
import { type JournaledState, UnusableState } from "./journal";
import type { PendingOperation, ResourceRecord, Snapshot } from "./records";
import { PassphraseSecrets } from "./secrets";

/** The Pulumi version whose format this is; Pulumi's CLI wants to see one. */
const FORMAT_OF = "v3.270.0";

/** Fields in the order of Pulumi's own files, so that two of them can be compared by eye. */
const FIELD_ORDER: readonly (keyof ResourceRecord)[] = [
  "urn",
  "custom",
  "delete",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "protect",
  "taint",
  "external",
  "dependencies",
  "initErrors",
  "provider",
  "propertyDependencies",
  "pendingReplacement",
  "additionalSecretOutputs",
  "aliases",
  "customTimeouts",
  "importID",
  "retainOnDelete",
  "deletedWith",
  "created",
  "modified",
  "sourcePosition",
  "ignoreChanges",
  "replaceOnChanges",
  "replaceWith",
  "replacementTrigger",
  "resourceHooks",
];

/** What Pulumi has added to its format by name, and which resources use it. */
const FEATURES: Record<string, (resource: ResourceRecord) => boolean> = {
  hooks: ({ resourceHooks }) => Object.keys(resourceHooks ?? {}).length > 0,
  replaceWith: ({ replaceWith }) => (replaceWith?.length ?? 0) > 0,
  taint: ({ taint }) => taint === true,
};

function featuresOf({ resources, pendingOperations }: Snapshot): string[] {
  const all = [...resources, ...pendingOperations.map(({ resource }) => resource)];
  return Object.keys(FEATURES).filter((name) => all.some(FEATURES[name]));
}

const MAY_HOLD_SECRETS: readonly (keyof ResourceRecord)[] = ["inputs", "outputs", "replacementTrigger"];

function isEmpty(value: Value): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isSame(one: ResourceRecord, other: ResourceRecord): boolean {
  for (const key in other)
    if (one[key as keyof ResourceRecord] !== other[key as keyof ResourceRecord]) return false;
  for (const key in one) if (!(key in other)) return false;
  return true;
}

/** What a checkpoint uses whose journal is being written, or was when its run died: Pulumi's CLI refuses it then. */
const JOURNAL_FEATURE = "flotillaJournal";

/** The file that a checkpoint has its changes in, beside it. */
export function journalOf(text: string, file: string): string | undefined {
  const name: unknown = parse(text, file).journal;
  return typeof name === "string" ? path.join(path.dirname(file), name) : undefined;
}

/** The checkpoint that a run would have written which has come as far as its journal. */
export function withJournal(text: string, { resources, pending, secretsProvider }: JournaledState): string {
  const { checkpoint } = JSON.parse(text);
  const latest = {
    manifest: checkpoint.latest.manifest,
    ...(secretsProvider ? { secrets_providers: secretsProvider } : {}),
    ...(resources.length > 0 ? { resources } : {}),
    ...(pending.length > 0 ? { pending_operations: pending } : {}),
    metadata: {},
  };
  const snapshot = { resources, pendingOperations: pending } as unknown as Snapshot;
  return `{${versionOf(featuresOf(snapshot))},"checkpoint":${JSON.stringify({ ...checkpoint, latest })}}`;
}

/** Version 4 names what an older engine would not understand. */
function versionOf(features: string[]): string {
  return features.length > 0 ? `"version":4,"features":${JSON.stringify(features)}` : `"version":3`;
}

function parse(text: string, file: string): Properties {
  let problem = "it is no object";
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch (error) {
    problem = text === "" ? "it is empty" : (error as Error).message;
  }
  throw new UnusableState(`${file} cannot be read as a state: ${problem}.`);
}

/** Reads and writes checkpoints; keeps the ciphertext of a secret that did not change. */
export class CheckpointCodec {
  private secrets: PassphraseSecrets | undefined;
  private salt: string | undefined;
  /** Ciphertext by place and plain text, so that a second run with the same secrets writes the same file. */
  private readonly sealed = new Map<string, string>();
  /** Each resource as it was written last: a write costs what has changed, not what there is. */
  private readonly written = new WeakMap<ResourceRecord, { fields: ResourceRecord; text: string }>();

  /** @param salt the salt of the stack's configuration, for a state that has none yet */
  constructor(
    private readonly stackName: string,
    private readonly passphrase: string,
    salt: string | undefined,
  ) {
    this.salt = salt;
  }

  decode(text: string, file: string): Snapshot {
    const versioned = parse(text, file);
    const strange = (versioned.features ?? []).filter((feature: string) => !(feature in FEATURES));
    if (versioned.version > 4 || strange.length > 0) {
      const reason = strange.length > 0 ? `uses ${strange.join(", ")}` : `has version ${versioned.version}`;
      throw new UnusableState(
        `${file} ${reason}, which the embedded engine does not know. Use Pulumi's CLI with this stack.`,
      );
    }
    const latest = versioned.checkpoint?.latest ?? {};
    for (const list of ["resources", "pending_operations"]) {
      if (latest[list] && !Array.isArray(latest[list]))
        throw new UnusableState(`${file} cannot be read as a state: ${list} is no list.`);
    }
    const provider = latest.secrets_providers;
    if (provider && provider.type !== "passphrase") {
      throw new Error(
        `${file} has its secrets with "${provider.type}", and the embedded engine knows "passphrase" only. Use Pulumi's CLI with this stack.`,
      );
    }
    this.salt = provider?.state?.salt ?? this.salt;
    const record = (raw: Properties): ResourceRecord => ({
      ...(raw as ResourceRecord),
      inputs: this.open(raw.inputs ?? {}, raw.urn),
      outputs: this.open(raw.outputs ?? {}, raw.urn),
      ...("replacementTrigger" in raw
        ? { replacementTrigger: this.open(raw.replacementTrigger, raw.urn) }
        : {}),
    });
    return {
      resources: (latest.resources ?? []).map(record),
      pendingOperations: (latest.pending_operations ?? []).map((operation: PendingOperation) => ({
        type: operation.type,
        resource: record(operation.resource),
      })),
    };
  }

  /** The deployment in a checkpoint, secrets in plain text as `pulumi stack export --show-secrets` writes them. */
  reveal(text: string, file: string): Properties {
    this.decode(text, file); // for its checks, and to know the salt
    return mapTagged(JSON.parse(text).checkpoint.latest ?? {}, (tagged) =>
      tagged[SIGNATURE] === SECRET && tagged.ciphertext !== undefined
        ? { [SIGNATURE]: SECRET, plaintext: this.unlock().decrypt(tagged.ciphertext) }
        : tagged,
    );
  }

  /** @param journal the name of the file that has what comes after the snapshot */
  encode(snapshot: Snapshot, journal?: string): string {
    const resources = snapshot.resources.map((resource) => this.text(resource));
    const pending = snapshot.pendingOperations.map((operation) => this.pendingText(operation));
    const manifest = {
      time: new Date().toISOString(),
      magic: createHash("sha256").update(FORMAT_OF).digest("hex"),
      version: FORMAT_OF,
    };
    // after the resources, which may have asked for the first salt
    const provider = this.secretsProvider();
    const latest = [
      `"manifest":${JSON.stringify(manifest)}`,
      ...(provider ? [`"secrets_providers":${provider}`] : []),
      ...(resources.length > 0 ? [`"resources":[${resources.join()}]`] : []),
      ...(pending.length > 0 ? [`"pending_operations":[${pending.join()}]`] : []),
      `"metadata":{}`,
    ];
    const version = versionOf([...featuresOf(snapshot), ...(journal ? [JOURNAL_FEATURE] : [])]);
    const reference = journal ? `"journal":${JSON.stringify(journal)},` : "";
    return `{${version},${reference}"checkpoint":{"stack":${JSON.stringify(this.stackName)},"latest":{${latest.join()}}}}`;
  }

  /** The JSON of what the secrets are sealed with, once there has been one. */
  secretsProvider(): string | undefined {
    return this.salt && JSON.stringify({ type: "passphrase", state: { salt: this.salt } });
  }

  pendingText({ resource, type }: PendingOperation): string {
    return `{"resource":${this.text(resource)},"type":${JSON.stringify(type)}}`;
  }

  /** The JSON of a resource, whose fields are replaced as a whole where they change. */
  text(resource: ResourceRecord): string {
    const known = this.written.get(resource);
    if (known && isSame(known.fields, resource)) return known.text;
    const text = JSON.stringify(this.record(resource));
    this.written.set(resource, { fields: { ...resource }, text });
    return text;
  }

  private record(resource: ResourceRecord): Properties {
    const known = new Set<string>(FIELD_ORDER);
    const others = Object.keys(resource).filter((key) => !known.has(key)) as (keyof ResourceRecord)[];
    const written: Properties = {};
    for (const key of [...FIELD_ORDER, ...others]) {
      const value = MAY_HOLD_SECRETS.includes(key) ? this.seal(resource[key], resource.urn) : resource[key];
      if (key === "custom" || !isEmpty(value)) written[key] = value;
    }
    return written;
  }

  private open(value: Value, place: string): Value {
    return mapTagged(value, (tagged) => {
      if (tagged[SIGNATURE] !== SECRET) return tagged;
      if (tagged.plaintext !== undefined) return secret(JSON.parse(tagged.plaintext));
      const text = this.unlock().decrypt(tagged.ciphertext);
      this.sealed.set(`${place} ${text}`, tagged.ciphertext);
      return secret(JSON.parse(text));
    });
  }

  private seal(value: Value, place: string): Value {
    if (!hasSecret(value)) return value;
    if (Array.isArray(value)) return value.map((element) => this.seal(element, place));
    if (!isObject(value)) return value;
    if (value[SIGNATURE] !== SECRET) {
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.seal(part, place)]));
    }
    const text = JSON.stringify(value.value);
    const name = `${place} ${text}`;
    const ciphertext = this.sealed.get(name) ?? this.unlock().encrypt(text);
    this.sealed.set(name, ciphertext);
    return { [SIGNATURE]: SECRET, ciphertext };
  }

  private unlock(): PassphraseSecrets {
    this.secrets ??= this.salt
      ? PassphraseSecrets.open(this.passphrase, this.salt)
      : PassphraseSecrets.create(this.passphrase);
    this.salt = this.secrets.salt;
    return this.secrets;
  }
}
