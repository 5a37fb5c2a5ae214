/** A stack of the repository's program in an emulated account; images are not built and tasks do not run. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { holdsData } from "../../infra/cli/engines/retain";
import { onPaper } from "../../infra/cli/export/on-paper";
import { type RunResult, run } from "../../infra/engine";
import { paperProvider } from "../../infra/engine/providers/paper";
import { DEFAULT_PROVIDERS } from "../../infra/engine/run";
import type { AwsClient, AwsEmulator, Json } from "./emulator";
import { AwsProvider } from "./provider/provider";

const ROOT = path.resolve(__dirname, "../..");
export const REGION = "eu-central-1";

export type Settings = Record<string, unknown>;

/** What a run may have otherwise than the one before it. */
export interface Change {
  settings?: Settings;
  overrides?: Settings;
  /** A destroy leaves what holds data, and a later up has a state that knows nothing of it. */
  keepData?: boolean;
}

export class AccountStack {
  private readonly file: string;
  private readonly folder = fs.mkdtempSync(path.join(tmpdir(), "flotilla-account-"));
  private salt: string | undefined;

  constructor(
    private readonly emulator: AwsEmulator,
    private readonly name: string,
    private readonly architecture: string,
    private readonly settings: Settings,
  ) {
    this.file = path.join(ROOT, `Pulumi.${name}.yaml`);
  }

  /** Removes what it left on this machine. */
  close(): void {
    for (const each of [this.folder, this.file]) fs.rmSync(each, { recursive: true, force: true });
  }

  /** @throws Error with everything that went wrong. */
  async go(verb: "up" | "refresh" | "destroy", change: Change = {}): Promise<RunResult> {
    const result = await this.attempt(verb, change);
    const failures = errorsOf(result);
    if (failures.length > 0) throw new Error(failures.join("\n"));
    return result;
  }

  async attempt(verb: "up" | "refresh" | "destroy", { settings, overrides, keepData }: Change = {}) {
    const config = {
      "flotilla:target": "ecs",
      "flotilla:architecture": this.architecture,
      "flotilla:settings": { region: REGION, ...this.settings, ...settings },
      "flotilla:overrides": overrides ?? {},
    };
    fs.writeFileSync(this.file, stringify({ ...(this.salt && { encryptionsalt: this.salt }), config }));
    const result = await run({
      verb,
      directory: ROOT,
      stack: this.name,
      backendUrl: `file://${this.folder}`,
      passphrase: "correct horse",
      retain: keepData ? holdsData : undefined,
      providers: {
        ...DEFAULT_PROVIDERS,
        docker: () => paperProvider(onPaper.docker!),
        aws: ({ region }) => new AwsProvider(this.emulator.client(region), this.emulator.packages),
      },
    });
    if (keepData) {
      // As the command line does.
      fs.rmSync(path.join(this.folder, ".pulumi"), { recursive: true });
    }
    this.salt = /^encryptionsalt: (.*)$/m.exec(fs.readFileSync(this.file, "utf8"))?.[1];
    return result;
  }
}

/** One of the services of the account's only stack. */
export async function serviceOf(aws: AwsClient, name: string): Promise<Json> {
  const cluster = await clusterName(aws);
  const request = { cluster, services: [`${cluster}-${name}`] };
  return aws.call("ecs", "DescribeServices", request, "services[0]");
}

/** The name of its cluster, with which all its names begin. */
export async function clusterName(aws: AwsClient): Promise<string> {
  const clusters = await aws.call("ecs", "ListClusters", {}, "clusterArns");
  const active = "clusters[?status=='ACTIVE'].clusterName | [0]";
  return aws.call("ecs", "DescribeClusters", { clusters }, active);
}

export function errorsOf({ diagnostics }: RunResult): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return errors.map(({ urn, message }) => `${urn?.split("::").at(-1)}: ${message}`);
}

/** Steps that changed something. */
export function changes({ counts: { same: _, ...counts } }: RunResult) {
  return counts;
}
