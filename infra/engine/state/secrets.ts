/**
 * Pulumi's "passphrase" secrets provider: a key of PBKDF2-SHA256, values sealed with AES-256-GCM.
 */
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

const ITERATIONS = 1_000_000;
const KEY_BYTES = 32;
const SALT_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What the third part of a salt holds, sealed: it tells a wrong passphrase from a right one. */
const PROBE = "pulumi";

/** Deriving a key takes about half a second: the configuration and the state of a stack often share it. */
const derivedKeys = new Map<string, Buffer>();

function deriveKey(passphrase: string, salt: Buffer): Buffer {
  const name = `${salt.toString("base64")}:${passphrase}`;
  let key = derivedKeys.get(name);
  if (!key) {
    key = pbkdf2Sync(passphrase, salt, ITERATIONS, KEY_BYTES, "sha256");
    derivedKeys.set(name, key);
  }
  return key;
}

export class PassphraseSecrets {
  private constructor(
    private readonly key: Buffer,
    /** `v1:<salt>:<sealed probe>`, as `encryptionsalt` and in the state. */
    readonly salt: string,
  ) {}

  /** Opens what was sealed with this passphrase and salt before. */
  static open(passphrase: string, salt: string): PassphraseSecrets {
    const [version, saltText, ...probe] = salt.split(":");
    if (version !== "v1" || probe.length === 0) {
      throw new Error(`The encryption salt must look like "v1:<salt>:v1:<nonce>:<text>", got "${salt}".`);
    }
    const secrets = new PassphraseSecrets(deriveKey(passphrase, Buffer.from(saltText, "base64")), salt);
    let opened: string | undefined;
    try {
      opened = secrets.decrypt(probe.join(":"));
    } catch {
      // told below
    }
    if (opened !== PROBE) {
      throw new Error(
        "The passphrase does not open this stack's secrets: set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the one that they were sealed with.",
      );
    }
    return secrets;
  }

  static create(passphrase: string): PassphraseSecrets {
    const salt = randomBytes(SALT_BYTES);
    const key = deriveKey(passphrase, salt);
    return new PassphraseSecrets(key, `v1:${salt.toString("base64")}:${seal(key, PROBE)}`);
  }

  encrypt(text: string): string {
    return seal(this.key, text);
  }

  decrypt(ciphertext: string): string {
    const [, nonce, body] = ciphertext.split(":");
    const sealed = Buffer.from(body, "base64");
    const cipher = createDecipheriv("aes-256-gcm", this.key, Buffer.from(nonce, "base64"));
    cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const opened = [cipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), cipher.final()];
    return Buffer.concat(opened).toString("utf8");
  }
}

function seal(key: Buffer, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}
