import { Secret } from "@pulumi/aws/secretsmanager/secret";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion";
import { Parameter } from "@pulumi/aws/ssm/parameter";
import * as pulumi from "@pulumi/pulumi";
import type { EcsHost } from "./host";
import type { Statement } from "./policy";

/** Where secrets are kept: at AWS Secrets Manager, or as parameters of Systems Manager. */
export type SecretStoreName = "secrets-manager" | "ssm";

/** A value to be kept. */
export interface SecretEntry {
  /** Letters, digits, dashes and underscores; unique among its owner's. */
  key: string;
  value: pulumi.Input<string>;
}

export interface StoredSecrets {
  /** By key: what a container's definition refers to it by. */
  references: Map<string, pulumi.Output<string>>;
  /** What reading all of them takes. */
  statements: Statement[];
}

/** Keeps the secrets of one owner, unique within the platform, where nobody reads them but the tasks that need them. */
export type SecretStore = (owner: string, entries: SecretEntry[], parent: pulumi.Resource) => StoredSecrets;

type StoreHost = Pick<EcsHost, "prefix" | "kmsKeyArn" | "deletionProtection" | "tags" | "options">;

export const SECRET_STORES: Record<SecretStoreName, (host: StoreHost) => SecretStore> = {
  "secrets-manager": secretsManager,
  ssm: systemsManager,
};

const MOST_BYTES = { secret: 65536, parameter: 8192 };

/** One secret for each owner, about 0.40 USD a month. A task reads the very version that it was defined with. */
function secretsManager(host: StoreHost): SecretStore {
  return (owner, entries, parent) => {
    const name = `${host.prefix}/${owner}`;
    const secret = new Secret(
      `${owner}-secret`,
      {
        name,
        kmsKeyId: host.kmsKeyArn,
        // Else a stack of the same name could not be made again for a week.
        recoveryWindowInDays: host.deletionProtection ? 30 : 0,
        tags: host.tags(name),
      },
      host.options(parent),
    );
    const values = pulumi.all(entries.map(({ value }) => value)).apply((all) => {
      const text = JSON.stringify(Object.fromEntries(entries.map(({ key }, index) => [key, all[index]])));
      checkSize(owner, text, MOST_BYTES.secret, "a secret of Secrets Manager");
      return text;
    });
    const version = new SecretVersion(
      `${owner}-secret-version`,
      { secretId: secret.id, secretString: pulumi.secret(values) },
      host.options(parent),
    );
    return {
      references: new Map(
        entries.map(({ key }) => [key, pulumi.interpolate`${secret.arn}:${key}::${version.versionId}`]),
      ),
      statements: [
        { actions: ["secretsmanager:GetSecretValue"], resources: [secret.arn] },
        ...decryption(host),
      ],
    };
  };
}

/** One parameter for each value, which costs nothing up to 4 KiB. */
function systemsManager(host: StoreHost): SecretStore {
  return (owner, entries, parent) => {
    const parameters = entries.map(({ key, value }) => {
      const name = `/${host.prefix}/${owner}/${key}`;
      const checked = pulumi.output(value).apply((text) => {
        checkSize(`${owner} ${key}`, text, MOST_BYTES.parameter, "a parameter of Systems Manager");
        return text;
      });
      return new Parameter(
        `${owner}-${key}`,
        {
          name,
          type: "SecureString",
          tier: "Intelligent-Tiering",
          keyId: host.kmsKeyArn,
          value: pulumi.secret(checked),
          tags: host.tags(name),
        },
        host.options(parent),
      );
    });
    return {
      references: new Map(entries.map(({ key }, index) => [key, parameters[index].arn])),
      statements: [
        { actions: ["ssm:GetParameters"], resources: parameters.map(({ arn }) => arn) },
        ...decryption(host),
      ],
    };
  };
}

/** AWS's own keys need no permission. */
function decryption({ kmsKeyArn }: StoreHost): Statement[] {
  return kmsKeyArn === undefined ? [] : [{ actions: ["kms:Decrypt"], resources: [kmsKeyArn] }];
}

function checkSize(owner: string, text: string, most: number, what: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > most) {
    const rule = `its secret files hold ${bytes} bytes, and ${what} holds at most ${most}`;
    throw new pulumi.RunError(`${owner}: ${rule}. Make them shorter, or keep them in a volume.`);
  }
}
