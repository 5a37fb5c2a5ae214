/** The emulated account, as tests start, use and end it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { ensurePythonPackages } from "../../infra/setup/python";

// biome-ignore lint/suspicious/noExplicitAny: requests and answers are open JSON, checked by the service models
export type Json = any;

/** An operation that AWS, or the model of its service, refused. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }

  /** Whether it says that there is no such thing. */
  get isMissing(): boolean {
    return /NotFound|NoSuch|DoesNotExist|^404$|ServiceNotActive|not find/i.test(this.code);
  }
}

/** Sends requests to an emulated account, each after a check against the model of its service. */
export class AwsClient {
  constructor(
    private readonly bridge: string,
    readonly region = "us-east-1",
  ) {}

  /**
   * What a JMESPath expression selects of the answer.
   *
   * @throws AwsError when the operation is refused.
   */
  call(service: string, operation: string, parameters: Json = {}, select = "@"): Promise<Json> {
    return this.post("/call", { service, operation, parameters, region: this.region, select });
  }

  /** The result of all pages. */
  list(service: string, operation: string, parameters: Json = {}): Promise<Json> {
    return this.post("/call", { service, operation, parameters, region: this.region, all_pages: true });
  }

  /** Tells what became of an ECS service. */
  report(status: Json): Promise<void> {
    return this.post("/report", { ...status, region: this.region });
  }

  /** Tells how the containers of a task that no service has have ended. */
  reportTask(ended: { cluster: string; task: string; exit_codes: Json; reason: string }): Promise<void> {
    return this.post("/report-task", { ...ended, region: this.region });
  }

  /** How often each operation was sent, such as `"ecs CreateService"`. */
  async counts(): Promise<Record<string, number>> {
    return (await (await fetch(this.bridge)).json()) as Record<string, number>;
  }

  private async post(path: string, body: Json): Promise<Json> {
    const answer = await fetch(this.bridge + path, { method: "POST", body: JSON.stringify(body) });
    const { result, error } = (await answer.json()) as Json;
    if (error !== undefined) {
      const what = path === "/call" ? `${body.service} ${body.operation}` : "report";
      throw new AwsError(error.code, `${what}: ${error.message}`);
    }
    return result;
  }
}

export class AwsEmulator {
  private constructor(
    private readonly child: ChildProcess,
    /** Where moto answers, as `AWS_ENDPOINT_URL` is set. */
    readonly endpoint: string,
    /** Where the bridge answers. */
    readonly bridge: string,
    /** Folder with the Python packages, botocore's models among them. */
    readonly packages: string,
  ) {}

  /**
   * `refuseFineMetrics`: as in a region that measures services each minute only.
   *
   * @param imageRegistry address of the registry that the account's repositories lead to, e.g. `"127.0.0.1:5000"`
   */
  static async start(imageRegistry?: string, { refuseFineMetrics = false } = {}): Promise<AwsEmulator> {
    const folder = path.join(__dirname, "emulator");
    const packages = await ensurePythonPackages("the AWS emulator", path.join(folder, "requirements.txt"));
    const child = spawn(packages.program, [path.join(folder, "emulator.py")], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        PYTHONPATH: packages.folder,
        MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
        ...(imageRegistry === undefined ? {} : { IMAGE_REGISTRY: imageRegistry }),
        ...(refuseFineMetrics ? { REFUSE_FINE_METRICS: "yes" } : {}),
      },
    });
    const ended = once(child, "close").then(() => {
      throw new Error("The AWS emulator ended before it answered.");
    });
    const [line] = await Promise.race([once(createInterface(child.stdout!), "line"), ended]);
    ended.catch(() => {});
    const { moto, bridge } = JSON.parse(line);
    return new AwsEmulator(child, moto, bridge, packages.folder);
  }

  client(region?: string): AwsClient {
    return new AwsClient(this.bridge, region);
  }

  async stop(): Promise<void> {
    const closed = once(this.child, "close");
    this.child.stdin!.end();
    await closed;
  }
}
