/** A description with everything that ECS can do, in an emulated account: see account.aws.test.ts. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AccountStack, changes, clusterName, errorsOf, type Settings, serviceOf } from "./account-stack";
import type { AwsClient, Json } from "./emulator";
import { inventory } from "./inventory";
import { PretendedAccount } from "./pretended-account";
import { fargateProblems } from "./runner/fargate-rules";
import { createWebAcl } from "./web-acl";

const NAME = "e2e-everything";
/** The worker's one-off task with another command, and so another definition. */
const MIGRATION = {
  name: "migrate",
  image: "registry.example.com/worker:1",
  command: ["migrate", "--again"],
};

let account: PretendedAccount;
let aws: AwsClient;
let stack: AccountStack;
let webAcl: string;

before(async () => {
  account = await PretendedAccount.open();
  aws = account.aws;
  webAcl = await createWebAcl(aws, "shop");
  const settings: Settings = {
    registryKind: "native",
    network: { zones: 3, egress: "nat-gateway-per-zone" },
    expose: { kind: "alb", webAclArn: webAcl, idleTimeoutSeconds: 120 },
    tags: { team: "shop" },
  };
  stack = new AccountStack(account.emulator, NAME, "tests/ecs-everything.ts", settings);
});
after(async () => {
  stack?.close();
  await account?.close();
});

const prefix = (): Promise<string> => clusterName(aws);
const service = (name: string): Promise<Json> => serviceOf(aws, name);

async function scaling(operation: string, select: string): Promise<Json[]> {
  const found = await aws.call("application-autoscaling", operation, { ServiceNamespace: "ecs" }, select);
  const own = await prefix();
  return JSON.parse(JSON.stringify(found).replaceAll(own, "PREFIX"));
}

test("a description with everything, in an account", async (t) => {
  const atFirst = await inventory(aws);

  await t.test("every request of up passes the service models, and is answered", async () => {
    assert.deepEqual(Object.keys((await stack.go("up")).counts), ["create"]);
  });

  await t.test("Fargate takes every task definition", async () => {
    const arns: string[] = await aws.call("ecs", "ListTaskDefinitions", {}, "taskDefinitionArns");
    assert.equal(arns.length, 8);
    for (const taskDefinition of arns) {
      const found = await aws.call("ecs", "DescribeTaskDefinition", { taskDefinition }, "taskDefinition");
      assert.deepEqual(fargateProblems(found), [], taskDefinition);
    }
  });

  await t.test("the one-off task ran to its end, once", async () => {
    assert.deepEqual(account.tasks.ended, [[`${await prefix()}-worker-migrate`, 0]]);
  });

  await t.test("the firewall judges what comes to the load balancer", async () => {
    const [balancer] = await aws.call(
      "elbv2",
      "DescribeLoadBalancers",
      {},
      "LoadBalancers[].LoadBalancerArn",
    );
    const request = { ResourceArn: balancer };
    assert.equal(await aws.call("wafv2", "GetWebACLForResource", request, "WebACL.ARN"), webAcl);
  });

  await t.test("scalable targets are the services with a range, within it", async () => {
    const found = await scaling(
      "DescribeScalableTargets",
      "ScalableTargets[].[ResourceId, ScalableDimension, MinCapacity, MaxCapacity]",
    );
    assert.deepEqual(found.sort(), [
      ["service/PREFIX/PREFIX-edge", "ecs:service:DesiredCount", 2, 6],
      ["service/PREFIX/PREFIX-users", "ecs:service:DesiredCount", 1, 4],
      ["service/PREFIX/PREFIX-worker", "ecs:service:DesiredCount", 0, 5],
    ]);
  });

  await t.test("cpu, memory and requests for each target are tracked, with the cooldowns", async () => {
    const found = await scaling(
      "DescribeScalingPolicies",
      "ScalingPolicies[?PolicyType=='TargetTrackingScaling'].[PolicyName, ResourceId, TargetTrackingScalingPolicyConfiguration]",
    );
    const tracking = (TargetValue: number, PredefinedMetricType: string, label = {}) => ({
      TargetValue,
      PredefinedMetricSpecification: { PredefinedMetricType, ...label },
      ScaleOutCooldown: 30,
      ScaleInCooldown: 300,
    });
    const balancer = await aws.call("elbv2", "DescribeLoadBalancers", {}, "LoadBalancers[0].LoadBalancerArn");
    const targets = await aws.call("elbv2", "DescribeTargetGroups", {}, "TargetGroups[0].TargetGroupArn");
    const counted = [/app\/.*/.exec(balancer), /targetgroup\/.*/.exec(targets)].join("/");
    const label = { ResourceLabel: counted.replaceAll(await prefix(), "PREFIX") };
    assert.deepEqual(found.sort(), [
      [
        "PREFIX-edge-requests",
        "service/PREFIX/PREFIX-edge",
        // AWS counts by the minute.
        tracking(100 * 60, "ALBRequestCountPerTarget", label),
      ],
      [
        "PREFIX-users-cpu",
        "service/PREFIX/PREFIX-users",
        tracking(60, "ECSServiceAverageCPUUtilizationHighResolution"),
      ],
      [
        "PREFIX-worker-memory",
        "service/PREFIX/PREFIX-worker",
        tracking(70, "ECSServiceAverageMemoryUtilizationHighResolution"),
      ],
    ]);
  });

  await t.test("the backlog of each task moves the worker in steps, from none by one message", async () => {
    const found = await scaling(
      "DescribeScalingPolicies",
      "ScalingPolicies[?PolicyType=='StepScaling'].[PolicyName, StepScalingPolicyConfiguration]",
    );
    const steps = (Cooldown: number, StepAdjustments: object[]) => ({
      AdjustmentType: "ChangeInCapacity",
      MetricAggregationType: "Maximum",
      Cooldown,
      StepAdjustments,
    });
    assert.deepEqual(found.sort(), [
      ["PREFIX-worker-queue-in", steps(300, [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }])],
      [
        "PREFIX-worker-queue-out",
        steps(30, [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
          { MetricIntervalLowerBound: 10, MetricIntervalUpperBound: 30, ScalingAdjustment: 2 },
          { MetricIntervalLowerBound: 30, MetricIntervalUpperBound: 70, ScalingAdjustment: 4 },
          { MetricIntervalLowerBound: 70, MetricIntervalUpperBound: 999_999_990, ScalingAdjustment: 8 },
          { MetricIntervalLowerBound: 999_999_990, ScalingAdjustment: 1 },
        ]),
      ],
    ]);
  });

  await t.test("alarms watch the backlog, and do what the policies say", async () => {
    const own = await prefix();
    const policies: Record<string, string> = Object.fromEntries(
      await aws.call(
        "application-autoscaling",
        "DescribeScalingPolicies",
        { ServiceNamespace: "ecs" },
        "ScalingPolicies[].[PolicyName, PolicyARN]",
      ),
    );
    for (const way of ["in", "out"]) {
      const AlarmNames = [`${own}-worker-queue-${way}`];
      const alarm = await aws.call("cloudwatch", "DescribeAlarms", { AlarmNames }, "MetricAlarms[0]");
      assert.deepEqual(alarm.AlarmActions, [policies[`${own}-worker-queue-${way}`]]);
      const metrics = alarm.Metrics.flatMap(({ MetricStat }: Json) => MetricStat?.Metric ?? []);
      assert.deepEqual(
        metrics.map(({ Namespace, MetricName }: Json) => `${Namespace} ${MetricName}`),
        ["AWS/ECS CPUUtilization", "Flotilla Backlog"],
      );
      assert.deepEqual(metrics[0].Dimensions, [
        { Name: "ClusterName", Value: own },
        { Name: "ServiceName", Value: `${own}-worker` },
      ]);
    }
  });

  await t.test("a schedule raises the least number and sets it back", async () => {
    const found = await scaling(
      "DescribeScheduledActions",
      "ScheduledActions[].[ScheduledActionName, Schedule, Timezone, ScalableTargetAction]",
    );
    const weekdays = "MON,TUE,WED,THU,FRI";
    assert.deepEqual(found.sort(), [
      [
        "PREFIX-worker-1-end",
        `cron(0 18 ? * ${weekdays} *)`,
        "Europe/Zurich",
        { MinCapacity: 0, MaxCapacity: 5 },
      ],
      [
        "PREFIX-worker-1-start",
        `cron(0 8 ? * ${weekdays} *)`,
        "Europe/Zurich",
        { MinCapacity: 2, MaxCapacity: 5 },
      ],
    ]);
  });

  await t.test("up again changes nothing, nor does a refresh", async () => {
    assert.deepEqual(changes(await stack.go("up")), {});
    assert.deepEqual(changes(await stack.go("refresh")), {});
  });

  await t.test(
    "the number of tasks is the scaler's: no up takes it back, also with another definition",
    async () => {
      const cluster = await prefix();
      await aws.call("ecs", "UpdateService", { cluster, service: `${cluster}-users`, desiredCount: 3 });
      assert.deepEqual(changes(await stack.go("up")), {});
      const overrides = { users: { environment: { GREETING: "hello" } } };
      assert.deepEqual(changes(await stack.go("up", { overrides })), {
        replace: 2,
        "delete-replaced": 2,
        update: 1,
      });
      assert.equal((await service("users")).desiredCount, 3);
    },
  );

  await t.test(
    "a one-off task that fails ends the up before its service is touched; mended, it runs",
    async () => {
      const overrides = { worker: { environment: { GREETING: "hello" }, tasks: [MIGRATION] } };
      const family = `${await prefix()}-worker-migrate`;
      const { taskDefinition } = await service("worker");
      account.tasks.failing.add(family);
      const failed = errorsOf(await stack.attempt("up", { overrides }));
      assert.equal(failed.length, 1, failed.join("\n"));
      assert.match(
        failed[0],
        /^worker-migrate-run: .*The task failed \(It ended, exit codes {.*'migrate': 1/,
      );
      assert.equal((await service("worker")).taskDefinition, taskDefinition);
      account.tasks.failing.delete(family);
      await stack.go("up", { overrides });
      assert.notEqual((await service("worker")).taskDefinition, taskDefinition);
      assert.deepEqual(
        account.tasks.ended.map(([, code]) => code),
        [0, 1, 0],
      );
    },
  );

  await t.test("destroy leaves nothing of any kind", async () => {
    await stack.go("destroy");
    assert.deepEqual(await inventory(aws), atFirst);
  });
});
