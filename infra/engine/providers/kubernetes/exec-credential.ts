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
  private running?: Promise<Credential>;
  private expires = 0;

  constructor(private readonly settings: ExecSettings) {}

  get(): Promise<Credential> {
    if (!this.running || this.expires - MARGIN_MS < Date.now()) {
      this.expires = Number.POSITIVE_INFINITY; // until the program has said
      this.running = this.run();
      this.running.catch(() => this.forget());
    }
    return this.running;
  }

  /** After the server has refused it. */
  forget(): void {
    this.running = undefined;
  }

  private async run(): Promise<Credential> {
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
      if (status.expirationTimestamp) this.expires = Date.parse(status.expirationTimestamp);
      const { token, clientCertificateData, clientKeyData } = status;
      return { token, certificate: pem(clientCertificateData), key: pem(clientKeyData) };
    } catch (error) {
      const hint = installHint ? ` ${installHint}` : "";
      throw new Error(
        `The kubeconfig's credential program "${command}" failed: ${(error as Error).message}${hint}`,
      );
    }
  }
}
