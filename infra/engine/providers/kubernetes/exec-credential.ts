/** Credentials from a program, as the clouds' kubeconfigs have it: `exec` of a kubeconfig's user. */
import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";

export interface ExecSettings {
  apiVersion: string;
  command: string;
  args?: string[];
  env?: { name: string; value: string }[];
  installHint?: string;
  /** Of the kubeconfig: a command with a slash in it starts from there. */
  directory?: string;
}

export interface Credential {
  token?: string;
  certificate?: Buffer;
  key?: Buffer;
}

/** How long before its end a credential counts as expired. */
const MARGIN_MS = 60_000;

/** Runs the program when there is no credential yet or the last one expires; calls at once share one run. */
export class ExecCredentials {
  private current?: Promise<{ credential: Credential; expires: number }>;

  constructor(private readonly settings: ExecSettings) {}

  async get(): Promise<Credential> {
    const known = await this.current;
    if (!known || known.expires - MARGIN_MS < Date.now()) this.current = this.run();
    try {
      return (await this.current!).credential;
    } catch (error) {
      this.current = undefined;
      throw error;
    }
  }

  /** After the server has refused it. */
  forget(): void {
    this.current = undefined;
  }

  private async run(): Promise<{ credential: Credential; expires: number }> {
    const { apiVersion, command, args = [], env = [], installHint, directory } = this.settings;
    const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
    const environment = {
      ...process.env,
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    };
    try {
      const file = command.includes("/") ? path.resolve(directory ?? ".", command) : command;
      const { stdout } = await promisify(execFile)(file, args, { env: environment });
      const { status } = JSON.parse(stdout);
      const pem = (text?: string) => (text ? Buffer.from(text) : undefined);
      return {
        credential: {
          token: status.token,
          certificate: pem(status.clientCertificateData),
          key: pem(status.clientKeyData),
        },
        expires: status.expirationTimestamp
          ? Date.parse(status.expirationTimestamp)
          : Number.POSITIVE_INFINITY,
      };
    } catch (error) {
      const hint = installHint ? ` ${installHint}` : "";
      throw new Error(
        `The kubeconfig's credential program "${command}" failed: ${(error as Error).message}${hint}`,
      );
    }
  }
}
