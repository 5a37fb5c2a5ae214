/**
 * Pulumi.<stack>.yaml: the configuration of one stack, in Pulumi's format, with its comments kept.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Document, parseDocument, visit } from "yaml";
import { PassphraseSecrets } from "../state/secrets";
import { isObject, type Value } from "../wire/values";
import { fullKey, loadProject, type Project } from "./project";

export interface ConfigurationValue {
  /** Text as it is; everything else as JSON. */
  value: string;
  secret: boolean;
}

function isSealed(value: Value): value is { secure: string } {
  return isObject(value) && typeof value.secure === "string" && Object.keys(value).length === 1;
}

function containsSealed(value: Value): boolean {
  if (isSealed(value)) return true;
  return value !== null && typeof value === "object" && Object.values(value).some(containsSealed);
}

/** The file of a stack's configuration. */
export function configurationFile(project: Project, stack: string): string {
  return path.join(project.configurationDirectory, `Pulumi.${stack}.yaml`);
}

/**
 * The configuration of a stack.
 *
 * @example
 * const configuration = StackConfiguration.load(".", "dev", () => passphrase);
 * configuration.set("token", "s3cret", { secret: true });
 * configuration.save();
 */
export class StackConfiguration {
  private secrets: PassphraseSecrets | undefined;

  private constructor(
    readonly project: Project,
    readonly file: string,
    private readonly document: Document,
    private readonly passphrase: () => string,
  ) {}

  /** @param passphrase asked when a secret is read or written, and only then. */
  static load(directory: string, stack: string, passphrase: () => string): StackConfiguration {
    const project = loadProject(directory);
    const file = configurationFile(project, stack);
    const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "");
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0].message}`);
    return new StackConfiguration(project, file, document, passphrase);
  }

  /** The salt that the secrets of this stack are sealed with, once it has any. */
  get salt(): string | undefined {
    return this.document.get("encryptionsalt") as string | undefined;
  }

  /** The value of a key; one without a namespace is the project's. */
  get(key: string): ConfigurationValue | undefined {
    const stored = this.stored()[fullKey(this.project.name, key)];
    return stored === undefined ? undefined : this.open(stored);
  }

  /** Every value by its full key, the project's defaults included. */
  entries(): Record<string, ConfigurationValue> {
    return Object.fromEntries(Object.entries(this.stored()).map(([key, stored]) => [key, this.open(stored)]));
  }

  /** Every text that is sealed in it, also within objects and lists. */
  secretTexts(): string[] {
    const inside = (value: Value): string[] => {
      if (isSealed(value)) return [this.unlock().decrypt(value.secure)];
      return value !== null && typeof value === "object" ? Object.values<Value>(value).flatMap(inside) : [];
    };
    return inside(this.stored());
  }

  set(key: string, value: string, options: { secret: boolean } = { secret: false }): void {
    const place = ["config", fullKey(this.project.name, key)];
    // A scalar that is set in place keeps its comment.
    const sealed = options.secret && this.document.createNode({ secure: this.unlock().encrypt(value) });
    this.document.setIn(place, sealed || value);
  }

  /** Sets a value inside the object or list of a key, and keeps the rest of it. */
  setWithin(key: string, path: (string | number)[], value: string | number | boolean): void {
    this.document.setIn(["config", fullKey(this.project.name, key), ...path], value);
  }

  save(): void {
    const temporary = `${this.file}.tmp`;
    writeFileSync(temporary, this.document.toString({ lineWidth: 0 }));
    renameSync(temporary, this.file);
  }

  /** The file's text with all secrets sealed anew, its comments kept; the file itself stays as it is. */
  resealed(secrets: PassphraseSecrets): string {
    this.refuseOtherProviders();
    const document = this.document.clone();
    visit(document, {
      Map: (_key, node) => {
        const value = node.toJS(document);
        if (isSealed(value)) node.set("secure", secrets.encrypt(this.unlock().decrypt(value.secure)));
      },
    });
    document.set("encryptionsalt", secrets.salt);
    return document.toString({ lineWidth: 0 });
  }

  private stored(): Record<string, Value> {
    const own: Record<string, Value> = this.document.toJS()?.config ?? {};
    const named = Object.entries(own).map(([key, value]) => [fullKey(this.project.name, key), value]);
    return { ...this.project.defaults, ...Object.fromEntries(named) };
  }

  private open(stored: Value): ConfigurationValue {
    const value = this.unseal(stored);
    return {
      value: typeof value === "string" ? value : JSON.stringify(value),
      secret: containsSealed(stored),
    };
  }

  private unseal(value: Value): Value {
    if (isSealed(value)) return this.unlock().decrypt(value.secure);
    if (Array.isArray(value)) return value.map((element) => this.unseal(element));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.unseal(part)]));
  }

  private refuseOtherProviders(): void {
    const provider = this.document.get("secretsprovider");
    if (!provider || provider === "passphrase") return;
    throw new Error(
      `${this.file} has its secrets with "${provider}", and the embedded engine knows "passphrase" only. Use Pulumi's CLI with this stack.`,
    );
  }

  private unlock(): PassphraseSecrets {
    this.refuseOtherProviders();
    if (!this.secrets) {
      this.secrets = this.salt
        ? PassphraseSecrets.open(this.passphrase(), this.salt)
        : PassphraseSecrets.create(this.passphrase());
      if (!this.salt) this.document.set("encryptionsalt", this.secrets.salt);
    }
    return this.secrets;
  }
}
