/** The shop's program on the embedded engine and an emulated account; images are not built and tasks do not run here. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { stringify } from "yaml";
import { onPaper } from "../../infra/cli/export/on-paper";
import { type RunResult, run } from "../../infra/engine";
import { paperProvider } from "../../infra/engine/providers/paper";
import { DEFAULT_PROVIDERS } from "../../infra/engine/run";
import { type AwsClient, AwsEmulator } from "./emulator";
import { inventory } from "./inventory";
import { PretendedTasks } from "./pretended-tasks";
import { AwsProvider } from "./provider/provider";
import { fargateProblems } from "./runner/fargate-rules";

const ROOT = path.resolve(__dirname, "../..");
const REGION = "eu-central-1";

let emulator: AwsEmulator;
let aws: AwsClient;
let tasks: PretendedTasks;
let backend: string;
const made: string[] = [];

before(async () => {
  emulator = await AwsEmulator.start();
  aws = emulator.client(REGION);
  tasks = new PretendedTasks(aws);
  backend = fs.mkdtempSync(path.join(tmpdir(), "flotilla-account-"));
});
after(async () => {
  await tasks?.stop();
  await emulator?.stop();
  for (const file of [backend, ...made]) fs.rmSync(file, { recursive: true, force: true });
});

/** A stack of the repository's program with these settings. */
class Stack {
  private salt: string | undefined;

  constructor(
    private readonly name: string,
    private readonly settings: Record<string, unknown>,
  ) {}

  async go(verb: "up" | "refresh" | "destroy", overrides: object = {}): Promise<RunResult> {
    const file = path.join(ROOT, `Pulumi.${this.name}.yaml`);
    made.push(file);
    const config = {
      "flotilla:target": "ecs",
      "flotilla:architecture": "stacks/shop.ts",
      "flotilla:settings": { region: REGION, ...this.settings },
      "flotilla:overrides": overrides,
    };
    fs.writeFileSync(file, stringify({ ...(this.salt && { encryptionsalt: this.salt }), config }));
    const result = await run({
      verb,
      directory: ROOT,
      stack: this.name,
      backendUrl: `file://${backend}`,
      passphrase: "correct horse",
      providers: {
        ...DEFAULT_PROVIDERS,
        docker: () => paperProvider(onPaper.docker!),
        aws: ({ region }) => new AwsProvider(emulator.client(region), emulator.packages),
      },
    });
    this.salt = /^encryptionsalt: (.*)$/m.exec(fs.readFileSync(file, "utf8"))?.[1];
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    assert.deepEqual(
      errors.map(({ urn, message }) => `${urn?.split("::").at(-1)}: ${message}`),
      [],
    );
    return result;
  }
}

/** Steps that changed something. */
function changes({ counts: { same: _, ...counts } }: RunResult) {
  return counts;
}

const SETTINGS: Record<string, Record<string, unknown>> = {
  "names of Cloud Map, an ALB and a NAT gateway": { registryKind: "native" },
  "etcd, an NLB, VPC endpoints, Spot capacity, parameters for secrets": {
    registryKind: "etcd",
    expose: "nlb",
    network: { egress: "vpc-endpoints", zones: 3 },
    capacity: "fargate-spot",
    secretStore: "ssm",
  },
};

for (const [index, [name, settings]] of Object.entries(SETTINGS).entries()) {
  test(`the shop in an account, with ${name}`, async (t) => {
    const stack = new Stack(`e2e-account-${index + 1}`, settings);
    const atFirst = await inventory(aws);

    await t.test("every request of up passes the service models, and is answered", async () => {
      const { counts, outputs } = await stack.go("up");
      assert.deepEqual(Object.keys(counts), ["create"]);
      assert.match(String(outputs.url.value), /^http:\/\/127\.0\.0\.1/);
    });

    await t.test("Fargate takes every task definition", async () => {
      const arns: string[] = await aws.call("ecs", "ListTaskDefinitions", {}, "taskDefinitionArns");
      assert.ok(arns.length >= 5, `only ${arns.length} definitions`);
      for (const taskDefinition of arns) {
        const found = await aws.call("ecs", "DescribeTaskDefinition", { taskDefinition }, "taskDefinition");
        assert.deepEqual(fargateProblems(found), [], taskDefinition);
      }
    });

    await t.test("up again changes nothing, nor does a refresh", async () => {
      assert.deepEqual(changes(await stack.go("up")), {});
      assert.deepEqual(changes(await stack.go("refresh")), {});
    });

    await t.test("a changed service is a new definition, and an update of the service alone", async () => {
      const { counts } = await stack.go("up", { users: { environment: { GREETING: "hello" } } });
      assert.equal(counts.replace, 1, JSON.stringify(counts));
      assert.equal(counts.update, 1, JSON.stringify(counts));
      assert.equal(counts.create, undefined, JSON.stringify(counts));
    });

    await t.test("destroy leaves nothing of any kind", async () => {
      await stack.go("destroy");
      assert.deepEqual(await inventory(aws), atFirst);
    });
  });
}
