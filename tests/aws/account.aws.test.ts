/** The shop's program on the embedded engine and an emulated account; images are not built and tasks do not run here. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AccountStack, changes, type Settings } from "./account-stack";
import type { AwsClient, Json } from "./emulator";
import { inventory } from "./inventory";
import { PretendedAccount } from "./pretended-account";
import { fargateProblems } from "./runner/fargate-rules";
import { Permissions } from "./runner/permissions";
import type { TaskDefinition } from "./runner/task-definition";

let account: PretendedAccount;
let aws: AwsClient;

before(async () => {
  account = await PretendedAccount.open();
  aws = account.aws;
});
after(() => account?.close());

/** Task definitions of the account. */
async function definitions(): Promise<TaskDefinition[]> {
  const arns: string[] = await aws.call("ecs", "ListTaskDefinitions", {}, "taskDefinitionArns");
  assert.ok(arns.length >= 5, `only ${arns.length} definitions`);
  return Promise.all(
    arns.map((taskDefinition) =>
      aws.call("ecs", "DescribeTaskDefinition", { taskDefinition }, "taskDefinition"),
    ),
  );
}

const SETTINGS: Record<string, Settings> = {
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
    const stack = new AccountStack(account.emulator, `e2e-account-${index + 1}`, "stacks/shop.ts", settings);
    t.after(() => stack.close());
    const atFirst = await inventory(aws);

    await t.test("every request of up passes the service models, and is answered", async () => {
      const { counts, outputs } = await stack.go("up");
      assert.deepEqual(Object.keys(counts), ["create"]);
      assert.match(String(outputs.url.value), /^http:\/\/127\.0\.0\.1/);
    });

    await t.test("Fargate takes every task definition", async () => {
      for (const definition of await definitions()) {
        assert.deepEqual(fargateProblems(definition), [], definition.taskDefinitionArn);
      }
    });

    await t.test("each execution role may pull the images of its own task, and no other", async () => {
      const permissions = new Permissions(aws);
      const repositories = await aws.call("ecr", "DescribeRepositories", {}, "repositories");
      const isOf = ({ repositoryUri }: Json) => {
        return ({ image }: { image: string }) => image.startsWith(`${repositoryUri}@`);
      };
      const actions = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"];
      for (const { executionRoleArn, containerDefinitions } of await definitions()) {
        const own = repositories.filter((one: Json) => containerDefinitions.some(isOf(one)));
        assert.ok(containerDefinitions.every((one) => own.some((repository: Json) => isOf(repository)(one))));
        const demand = (action: string, { repositoryArn }: Json) =>
          permissions.demand(executionRoleArn, `ecr:${action}`, repositoryArn);
        await Promise.all(own.flatMap((one: Json) => actions.map((action) => demand(action, one))));
        const others = repositories.filter((one: Json) => !own.includes(one));
        assert.ok(others.length > 0);
        for (const one of others) {
          await assert.rejects(demand("BatchGetImage", one), /is not authorized to perform ecr:/);
        }
      }
    });

    await t.test("up again changes nothing, nor does a refresh", async () => {
      assert.deepEqual(changes(await stack.go("up")), {});
      assert.deepEqual(changes(await stack.go("refresh")), {});
    });

    await t.test(
      "a changed service is a new definition, a look at its metrics, and an update of it alone",
      async () => {
        const overrides = { users: { environment: { GREETING: "hello" } } };
        const { counts } = await stack.go("up", { overrides });
        assert.equal(counts.replace, 2, JSON.stringify(counts));
        assert.equal(counts.update, 1, JSON.stringify(counts));
        assert.equal(counts.create, undefined, JSON.stringify(counts));
      },
    );

    await t.test("destroy leaves nothing of any kind", async () => {
      await stack.go("destroy");
      assert.deepEqual(await inventory(aws), atFirst);
    });
  });
}
