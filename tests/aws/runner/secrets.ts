/** The values that ECS puts into a container's environment, read with the rights of the task's execution role. */
import type { AwsClient } from "../emulator";
import type { Permissions } from "./permissions";
import type { ContainerDefinition } from "./task-definition";

const ARN_PARTS = 7;

export class Secrets {
  constructor(
    private readonly aws: AwsClient,
    private readonly permissions: Permissions,
  ) {}

  async of({ secrets = [] }: ContainerDefinition, role: string | undefined): Promise<Record<string, string>> {
    const values = secrets.map(async ({ name, valueFrom }) => [name, await this.value(valueFrom, role)]);
    return Object.fromEntries(await Promise.all(values));
  }

  private value(valueFrom: string, role: string | undefined): Promise<string> {
    return valueFrom.startsWith("arn:aws:secretsmanager:")
      ? this.secret(valueFrom, role)
      : this.parameter(valueFrom, role);
  }

  /** `arn:…:secret:NAME:KEY:STAGE:VERSION`, of which the last three may be empty or missing. */
  private async secret(valueFrom: string, role: string | undefined): Promise<string> {
    const parts = valueFrom.split(":");
    const SecretId = parts.slice(0, ARN_PARTS).join(":");
    const [key, stage, version] = parts.slice(ARN_PARTS);
    await this.permissions.demand(role, "secretsmanager:GetSecretValue", SecretId);
    const text: string = await this.aws.call(
      "secretsmanager",
      "GetSecretValue",
      { SecretId, ...(stage ? { VersionStage: stage } : {}), ...(version ? { VersionId: version } : {}) },
      "SecretString",
    );
    if (!key) return text;
    const value = JSON.parse(text)[key];
    if (typeof value !== "string") throw new Error(`${SecretId} has no key ${key}`);
    return value;
  }

  private async parameter(valueFrom: string, role: string | undefined): Promise<string> {
    const isArn = valueFrom.startsWith("arn:");
    const name = isArn ? valueFrom.slice(valueFrom.indexOf(":parameter") + ":parameter".length) : valueFrom;
    const found = await this.aws.call(
      "ssm",
      "GetParameter",
      { Name: name, WithDecryption: true },
      "Parameter",
    );
    await this.permissions.demand(role, "ssm:GetParameters", found.ARN);
    return found.Value;
  }
}
