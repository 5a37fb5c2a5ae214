/** What roles of the ECS platform may do: nothing by a wildcard, and of resources only those that the task itself uses. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { EcsPlatform, type EcsPlatformArgs } from "../components/platforms/ecs";
import { deployArchitecture } from "../infra/deploy";
import { parseArchitecture } from "../infra/parse-architecture";
import everything from "./ecs-everything";
import { Recorder, settled } from "./recorder";

interface Statement {
  Effect: "Allow" | "Deny";
  Action: string | string[];
  Resource?: string | string[];
  Principal?: unknown;
  Condition?: Record<string, Record<string, string>>;
}

/** AWS's own reference knows no resource for these actions. */
const ONLY_WITH_WILDCARD = [
  "ecr:GetAuthorizationToken",
  "elasticloadbalancing:DescribeListeners",
  "elasticloadbalancing:DescribeRules",
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:DescribeTargetHealth",
];

interface Policy {
  name: string;
  statements: Statement[];
}

const KEY = "arn:aws:kms:eu-central-1:111122223333:key/1a2b";
const VARIANTS: Partial<EcsPlatformArgs>[] = [
  {},
  { secretStore: "ssm", kmsKeyArn: KEY, deletionProtection: true },
  { rollout: { strategy: "canary" }, network: { egress: "vpc-endpoints", zones: 3 } },
];

const policies: Policy[] = [];
const trusts: Policy[] = [];
let first: Policy[];

before(async () => {
  for (const variant of VARIANTS) {
    const recorder = new Recorder();
    const platform = new EcsPlatform("shop", { region: "eu-central-1", ...variant });
    deployArchitecture(parseArchitecture(everything, "everything.ts"), platform, 80);
    await settled();
    const read = (type: string, field: string): Policy[] =>
      recorder.all(type).map(({ name, inputs }) => {
        return { name, statements: JSON.parse(inputs[field] as string).Statement as Statement[] };
      });
    policies.push(...read("aws:iam/rolePolicy:RolePolicy", "policy"));
    policies.push(...read("aws:s3/bucketPolicy:BucketPolicy", "policy"));
    trusts.push(...read("aws:iam/role:Role", "assumeRolePolicy"));
    first ??= [...policies];
  }
});

function list(value: string | string[] | undefined): string[] {
  return [value ?? []].flat();
}

function allowed(from: Policy[]): (Statement & { of: string })[] {
  return from.flatMap(({ name, statements }) =>
    statements.filter(({ Effect }) => Effect === "Allow").map((one) => ({ ...one, of: name })),
  );
}

test("no statement allows an action by a wildcard", () => {
  const statements = allowed(policies);
  assert(statements.length > 60, `only ${statements.length} statements`);
  for (const { of, Action } of statements) {
    for (const action of list(Action)) {
      assert.match(action, /^[a-z0-9-]+:[A-Za-z0-9]+$/, `${of} allows ${action}`);
    }
  }
});

test("no statement allows every resource, unless AWS knows none for the action", () => {
  const anywhere = allowed(policies).filter(({ Resource }) => list(Resource).includes("*"));
  for (const { of, Action } of anywhere) {
    assert.deepEqual(
      list(Action).filter((one) => !ONLY_WITH_WILDCARD.includes(one)),
      [],
      of,
    );
  }
  assert(anywhere.length > 0);
});

test("a wildcard within a resource stands only behind what is the task's own", () => {
  const patterns = allowed(policies)
    .flatMap(({ Resource }) => list(Resource))
    .filter((one) => one !== "*" && one.includes("*"))
    // The streams of one log group, the logs of one load balancer, the revisions of one task definition or service.
    .filter((one) => !/^arn:aws:(logs|cloudwatch):[^*]+:\*$/.test(one))
    .filter((one) => !/^arn:aws:s3:::[^*]+\/AWSLogs\/\d+\/\*$/.test(one))
    .filter((one) => !/^arn:aws:ecs:[^*]+:task-definition\/[^*:]+:\*$/.test(one))
    .filter((one) => !/^arn:aws:ecs:[^*]+:service-revision\/[^*/]+\/[^*/]+\/\*$/.test(one))
    .filter((one) => !/^arn:aws:ecs:[^*]+:task\/[^*/]+\/\*$/.test(one));
  assert.deepEqual(patterns, []);
});

test("a task starts with its own images, log group and secrets, and nothing else", () => {
  const execution = first.find(({ name }) => name === "users-execution-policy")!;
  const grants = execution.statements.map(({ Action, Resource }) => [list(Action), list(Resource)]);
  const repository = (image: string): string =>
    `arn:aws:ecr:eu-central-1:111122223333:repository/flotilla-shop-test/${image}`;
  const secret = (owner: string): string =>
    `arn:aws:secretsmanager:eu-central-1:111122223333:secret:flotilla-shop-test/${owner}-AbCdEf`;
  assert.deepEqual(grants, [
    [["ecr:GetAuthorizationToken"], ["*"]],
    [
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      [repository("shop-agent"), repository("users")],
    ],
    [
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      ["arn:aws:cloudwatch:eu-central-1:111122223333:users-logs:*"],
    ],
    [["secretsmanager:GetSecretValue"], [secret("users")]],
    [["secretsmanager:GetSecretValue"], [secret("registry-access")]],
  ]);
});

test("a container may use AWS only where its own files or volumes need it", () => {
  const running = first.filter(({ name }) => name.endsWith("-task-policy"));
  assert.deepEqual(
    running.map(({ name, statements }) => [name, statements.flatMap(({ Action }) => list(Action))]).sort(),
    [
      ["edge-task-policy", ["s3:GetObject"]],
      ["redis-task-policy", ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]],
      ["worker-task-policy", ["s3:GetObject"]],
    ],
  );
  const [volume] = running.find(({ name }) => name === "redis-task-policy")!.statements;
  assert.deepEqual(Object.keys(volume.Condition!.StringEquals), ["elasticfilesystem:AccessPointArn"]);
});

test("every role is taken by one service of AWS, those of tasks for this account alone", () => {
  assert(trusts.length > 20);
  for (const { name, statements } of trusts) {
    assert.equal(statements.length, 1, name);
    const [{ Principal, Condition }] = statements;
    const { Service } = Principal as { Service: string };
    assert.match(Service, /^(ecs|ecs-tasks|lambda)\.amazonaws\.com$/, name);
    if (Service !== "lambda.amazonaws.com") {
      // A function's role can only be handed to functions of its own account.
      assert.equal(Condition!.StringEquals["aws:SourceAccount"], "111122223333", name);
    }
  }
});
