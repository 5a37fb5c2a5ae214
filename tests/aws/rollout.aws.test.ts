/** How rollouts are registered in an emulated account, and that what ECS moves meanwhile is left to it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AccountStack, changes, serviceOf } from "./account-stack";
import type { AwsClient, Json } from "./emulator";
import { inventory } from "./inventory";
import { PretendedAccount } from "./pretended-account";

const ALARMS = { alarmNames: ["errors", "latency"], enable: true, rollback: true };
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };
const PERCENT = { minimumHealthyPercent: 100, maximumPercent: 200 };

let account: PretendedAccount;
let aws: AwsClient;

before(async () => {
  account = await PretendedAccount.open();
  aws = account.aws;
});
after(() => account?.close());

function service(name: string): Promise<Json> {
  return serviceOf(aws, name);
}

/** Target groups by whether their name says that they are the second one. */
async function groups(): Promise<{ first: string; second: string }> {
  const found: [string, string][] = await aws.call(
    "elbv2",
    "DescribeTargetGroups",
    {},
    "TargetGroups[].[TargetGroupName, TargetGroupArn]",
  );
  assert.equal(found.length, 2);
  assert.ok(found.every(([name]) => name.length <= 32));
  const used = (await service("edge")).loadBalancers[0];
  return { first: used.targetGroupArn, second: used.advancedConfiguration.alternateTargetGroupArn };
}

/** The rules of the public listener but its default one. */
async function rules(): Promise<Json[]> {
  const [balancer] = await aws.call("elbv2", "DescribeLoadBalancers", {}, "LoadBalancers[].LoadBalancerArn");
  const [listener] = await aws.call("elbv2", "DescribeListeners", { LoadBalancerArn: balancer }, "Listeners");
  const request = { ListenerArn: listener.ListenerArn };
  return aws.call("elbv2", "DescribeRules", request, "Rules[?!IsDefault]");
}

function weights(rule: Json): [string, number][] {
  return rule.Actions[0].ForwardConfig.TargetGroups.map(({ TargetGroupArn, Weight }: Json) => [
    TargetGroupArn,
    Weight,
  ]);
}

const STRATEGIES: [rollout: object, registered: { alarms: object; [field: string]: unknown }][] = [
  [
    { strategy: "blue-green", bakeMinutes: 7, alarms: ALARMS.alarmNames },
    { strategy: "BLUE_GREEN", bakeTimeInMinutes: 7, alarms: ALARMS },
  ],
  [
    { strategy: "canary", stepPercent: 20, stepMinutes: 3, bakeMinutes: 0, alarms: ["errors"] },
    {
      strategy: "CANARY",
      bakeTimeInMinutes: 0,
      canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 3 },
      alarms: { ...ALARMS, alarmNames: ["errors"] },
    },
  ],
  [
    { strategy: "linear", stepPercent: 25, stepMinutes: 2, alarms: ["latency"] },
    {
      strategy: "LINEAR",
      bakeTimeInMinutes: 5,
      linearConfiguration: { stepPercent: 25, stepBakeTimeInMinutes: 2 },
      alarms: { ...ALARMS, alarmNames: ["latency"] },
    },
  ],
];

test("rollouts behind an application load balancer", async (t) => {
  const stack = new AccountStack(account.emulator, "e2e-rollout-alb", "tests/aws/door.ts", {});
  t.after(() => stack.close());
  const atFirst = await inventory(aws);

  await t.test("services roll unless asked otherwise, and are taken back when they fail", async () => {
    await stack.go("up");
    for (const name of ["users", "edge"]) {
      const { deploymentConfiguration } = await service(name);
      assert.deepEqual(deploymentConfiguration, { strategy: "ROLLING", ...BREAKER, ...PERCENT }, name);
    }
    assert.deepEqual(await rules(), []);
  });

  for (const [rollout, registered] of STRATEGIES) {
    await t.test(
      `${JSON.stringify(rollout)} is registered whole; what no load balancer reaches rolls`,
      async () => {
        await stack.go("up", { settings: { rollout } });
        const { alarms, ...others } = registered;
        const own = { ...BREAKER, ...PERCENT, alarms };
        assert.deepEqual((await service("edge")).deploymentConfiguration, { ...others, ...own });
        assert.deepEqual((await service("users")).deploymentConfiguration, { strategy: "ROLLING", ...own });
        assert.deepEqual(changes(await stack.go("up", { settings: { rollout } })), {});
      },
    );
  }

  const settings = { rollout: STRATEGIES.at(-1)![0] };

  await t.test(
    "a rule divides requests between two groups, and a role lets ECS alone move them",
    async () => {
      const [{ advancedConfiguration, containerName, containerPort }] = (await service("edge")).loadBalancers;
      const [rule, ...more] = await rules();
      const { first, second } = await groups();
      assert.deepEqual([containerName, containerPort, more.length], ["main", 8080, 0]);
      assert.equal(advancedConfiguration.productionListenerRule, rule.RuleArn);
      assert.deepEqual(weights(rule), [
        [first, 100],
        [second, 0],
      ]);
      const RoleName = advancedConfiguration.roleArn.split("/").at(-1);
      const trust = await aws.call("iam", "GetRole", { RoleName }, "Role.AssumeRolePolicyDocument.Statement");
      assert.deepEqual(
        trust.map(({ Principal, Condition }: Json) => [Principal, Condition]),
        [[{ Service: "ecs.amazonaws.com" }, { StringEquals: { "aws:SourceAccount": "123456789012" } }]],
      );
      const request = { RoleName, PolicyName: "flotilla" };
      const allowed = await aws.call("iam", "GetRolePolicy", request, "PolicyDocument.Statement");
      assert.deepEqual(
        allowed.slice(1).map(({ Action, Resource }: Json) => [Action, Resource]),
        [
          [["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"], [rule.RuleArn]],
          [
            ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            [first, second],
          ],
        ],
      );
    },
  );

  await t.test("where ECS has moved the requests stays, in another up and in a refresh", async () => {
    const [{ RuleArn }] = await rules();
    const { first, second } = await groups();
    const TargetGroups = [
      { TargetGroupArn: first, Weight: 0 },
      { TargetGroupArn: second, Weight: 100 },
    ];
    const Actions = [{ Type: "forward", ForwardConfig: { TargetGroups } }];
    await aws.call("elbv2", "ModifyRule", { RuleArn, Actions });
    assert.deepEqual(changes(await stack.go("up", { settings })), {});
    await stack.go("refresh", { settings });
    const overrides = { users: { environment: { GREETING: "hello" } } };
    await stack.go("up", { settings, overrides });
    const [rule] = await rules();
    assert.deepEqual(weights(rule), [
      [first, 0],
      [second, 100],
    ]);
  });

  await t.test("destroy leaves nothing of any kind", async () => {
    await stack.go("destroy", { settings });
    assert.deepEqual(await inventory(aws), atFirst);
  });
});

test("a canary behind a network load balancer, whose listener is what ECS moves", async (t) => {
  const settings = { expose: "nlb", rollout: { strategy: "canary", stepPercent: 5 } };
  const stack = new AccountStack(account.emulator, "e2e-rollout-nlb", "tests/aws/door.ts", settings);
  t.after(() => stack.close());
  const atFirst = await inventory(aws);

  await stack.go("up");
  const { deploymentConfiguration, loadBalancers } = await service("edge");
  assert.deepEqual(deploymentConfiguration, {
    strategy: "CANARY",
    bakeTimeInMinutes: 5,
    canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 5 },
    ...BREAKER,
    ...PERCENT,
  });
  const { second } = await groups();
  const ListenerArn = loadBalancers[0].advancedConfiguration.productionListenerRule;
  const DefaultActions = [{ Type: "forward", TargetGroupArn: second }];
  await aws.call("elbv2", "ModifyListener", { ListenerArn, DefaultActions });
  assert.deepEqual(changes(await stack.go("up")), {});
  const request = { ListenerArns: [ListenerArn] };
  const now = await aws.call("elbv2", "DescribeListeners", request, "Listeners[0].DefaultActions[0]");
  assert.equal(now.TargetGroupArn, second);
  await stack.go("destroy");
  assert.deepEqual(await inventory(aws), atFirst);
});
