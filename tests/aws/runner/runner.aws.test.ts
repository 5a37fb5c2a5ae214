import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type Docker from "dockerode";
import { dockerConnection } from "../../../infra/engine/providers/docker/connection";
import { ensureImages } from "../../../infra/setup/images";
import { until } from "../../end-to-end/client";
import { type AwsClient, AwsEmulator } from "../emulator";
import { EcsRunner } from "./runner";
import type { ContainerDefinition, Service } from "./task-definition";

const NAME = "ecs-runner-test";
const PORT = 18391;

let emulator: AwsEmulator;
let aws: AwsClient;
let docker: Docker;
let runner: EcsRunner;
let image: string;
let subnet: string;
/** Security groups of the load balancer, which anybody may reach, and of the tasks, which it alone may. */
let door: string;
let house: string;
let roleArn: string;

before(async () => {
  docker = dockerConnection();
  const { node, golang } = await ensureImages(["node", "golang"]);
  image = node!;
  emulator = await AwsEmulator.start();
  aws = emulator.client();
  runner = await EcsRunner.start(aws, docker, {
    name: NAME,
    images: { node: node!, golang: golang! },
    endpoint: emulator.endpoint,
  });
  await aws.call("ecs", "CreateCluster", { clusterName: "one" });
  await aws.call("logs", "CreateLogGroup", { logGroupName: "/one" });
  subnet = await aws.call("ec2", "DescribeSubnets", {}, "Subnets[0].SubnetId");
  door = await group("door");
  house = await group("house");
  await aws.call("ec2", "AuthorizeSecurityGroupIngress", {
    GroupId: house,
    IpPermissions: [
      { IpProtocol: "tcp", FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: door }] },
    ],
  });
  roleArn = await aws.call(
    "iam",
    "CreateRole",
    { RoleName: "one", AssumeRolePolicyDocument: "{}" },
    "Role.Arn",
  );
});
after(async () => {
  await runner?.stop();
  await emulator?.stop();
});

async function group(GroupName: string): Promise<string> {
  const VpcId = await aws.call("ec2", "DescribeVpcs", {}, "Vpcs[0].VpcId");
  const request = { GroupName, Description: GroupName, VpcId };
  return aws.call("ec2", "CreateSecurityGroup", request, "GroupId");
}

/** Lets the role of all tasks do these things alone. */
function allow(...statements: { Action: string[]; Resource: string }[]): Promise<void> {
  const policy = { Version: "2012-10-17", Statement: statements.map((one) => ({ Effect: "Allow", ...one })) };
  const request = { RoleName: "one", PolicyName: "one", PolicyDocument: JSON.stringify(policy) };
  return aws.call("iam", "PutRolePolicy", request);
}

const LOGS = { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" };

function container(
  name: string,
  script: string,
  more: Partial<ContainerDefinition> = {},
): ContainerDefinition {
  return {
    name,
    image,
    entryPoint: ["node", "-e", script],
    user: "1000:1000",
    readonlyRootFilesystem: true,
    linuxParameters: { capabilities: { drop: ["ALL"] } },
    stopTimeout: 2,
    logConfiguration: {
      logDriver: "awslogs",
      options: { "awslogs-group": "/one", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "one" },
    },
    ...more,
  };
}

const HEALTHY = { command: ["CMD", "true"], interval: 5, timeout: 2, retries: 1, startPeriod: 0 };

async function define(family: string, containers: ContainerDefinition[]): Promise<string> {
  return aws.call(
    "ecs",
    "RegisterTaskDefinition",
    {
      family,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      executionRoleArn: roleArn,
      volumes: [{ name: "shared" }],
      containerDefinitions: containers,
    },
    "taskDefinition.taskDefinitionArn",
  );
}

function serve(name: string, taskDefinition: string, more: object = {}): Promise<void> {
  return aws.call("ecs", "CreateService", {
    cluster: "one",
    serviceName: name,
    taskDefinition,
    desiredCount: 1,
    launchType: "FARGATE",
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnet], securityGroups: [house] } },
    ...more,
  });
}

const described = (
  name: string,
): Promise<Service & { deployments: { rolloutState: string }[]; runningCount: number }> =>
  aws.call("ecs", "DescribeServices", { cluster: "one", services: [name] }, "services[0]");

/** Answers with its version, with what the first container left, and with its secret. */
function web(version: string): ContainerDefinition[] {
  const first = container("first", 'require("fs").writeFileSync("/shared/left", "by the first")', {
    essential: false,
    user: "0",
    mountPoints: [{ sourceVolume: "shared", containerPath: "/shared" }],
  });
  const script = `require("http").createServer((request, response) => response.end(JSON.stringify({
      version: "${version}", left: require("fs").readFileSync("/shared/left", "utf8"), secret: process.env.KEY,
    }))).listen(8080); console.log("listening"); process.on("SIGTERM", () => process.exit(0));`;
  const main = container("main", script, {
    dependsOn: [{ containerName: "first", condition: "SUCCESS" }],
    mountPoints: [{ sourceVolume: "shared", containerPath: "/shared", readOnly: true }],
    portMappings: [{ containerPort: 8080 }],
    healthCheck: HEALTHY,
    secrets: [{ name: "KEY", valueFrom: secretArn }],
  });
  return [first, main];
}

let secretArn = "";
const ask = async () => (await fetch(`http://127.0.0.1:${PORT}/`)).json() as Promise<Record<string, string>>;

test("a service runs by ECS's rules: start order, volumes, secrets by the execution role, logs, a load balancer", async () => {
  const arn = await aws.call(
    "secretsmanager",
    "CreateSecret",
    { Name: "one", SecretString: '{"KEY":"swordfish"}' },
    "ARN",
  );
  secretArn = `${arn}:KEY::`;
  await allow(LOGS, { Action: ["secretsmanager:GetSecretValue"], Resource: arn });
  const vpc = await aws.call("ec2", "DescribeVpcs", {}, "Vpcs[0].VpcId");
  const subnets = await aws.call("ec2", "DescribeSubnets", {}, "Subnets[:2].SubnetId");
  const targetGroupArn = await aws.call(
    "elbv2",
    "CreateTargetGroup",
    {
      Name: "one",
      Port: 8080,
      Protocol: "HTTP",
      VpcId: vpc,
      TargetType: "ip",
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    },
    "TargetGroups[0].TargetGroupArn",
  );
  const balancer = await aws.call(
    "elbv2",
    "CreateLoadBalancer",
    { Name: "one", Subnets: subnets, SecurityGroups: [door] },
    "LoadBalancers[0]",
  );
  assert.equal(balancer.DNSName, "127.0.0.1");
  await aws.call("elbv2", "CreateListener", {
    LoadBalancerArn: balancer.LoadBalancerArn,
    Port: PORT,
    Protocol: "HTTP",
    DefaultActions: [{ Type: "forward", TargetGroupArn: targetGroupArn }],
  });
  await serve("web", await define("web", web("1")), {
    loadBalancers: [{ targetGroupArn, containerName: "main", containerPort: 8080 }],
    healthCheckGracePeriodSeconds: 30,
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  await until(
    60,
    () => described("web"),
    ({ deployments: [one] }) => one.rolloutState === "COMPLETED",
  );
  assert.deepEqual(await ask(), { version: "1", left: "by the first", secret: "swordfish" });
  const messages = () => aws.call("logs", "FilterLogEvents", { logGroupName: "/one" }, "events[].message");
  await until(10, messages, (found: string[]) => found.includes("listening"));
});

test("a task lets in whom its security groups admit, and nobody else", async () => {
  // Answers what became of a connection to the web's task, which ends at once when it is let in.
  const [{ address }] = runner.tasks("web");
  const script = `const socket = require("net").connect(8080, "${address}", () => tell("connected"));
    const tell = (text) => { console.log(text); process.exit(0); }; setTimeout(tell, 2000, "not answered");`;
  const caller = container("main", script);
  const told = (stream: string) =>
    aws.call("logs", "FilterLogEvents", { logGroupName: "/one" }, `events[?message=='${stream}'].message`);

  await serve("stranger", await define("stranger", [caller]));
  await until(
    20,
    () => told("not answered"),
    (found: string[]) => found.length > 0,
  );
  assert.deepEqual(await told("connected"), []);
  await aws.call("ec2", "AuthorizeSecurityGroupIngress", {
    GroupId: house,
    IpPermissions: [
      { IpProtocol: "tcp", FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: house }] },
    ],
  });
  await until(
    20,
    () => told("connected"),
    (found: string[]) => found.length > 0,
  );
  await aws.call("ecs", "DeleteService", { cluster: "one", service: "stranger", force: true });
});

test("a new definition rolls: the old task goes when the new one is healthy, and no request fails", async () => {
  const old = runner.tasks("web").map(({ id }) => id);
  await aws.call("ecs", "UpdateService", {
    cluster: "one",
    service: "web",
    taskDefinition: await define("web", web("2")),
  });
  const versions = new Set<string>();
  await until(
    60,
    async () => {
      versions.add((await ask()).version);
      return described("web");
    },
    ({ deployments: [one], taskDefinition }) =>
      taskDefinition.endsWith(":2") && one.rolloutState === "COMPLETED",
  );
  versions.add((await ask()).version);
  assert.deepEqual([...versions], ["1", "2"]);
  const now = runner.tasks("web").map(({ id }) => id);
  assert.equal(now.length, 1);
  assert.notDeepEqual(now, old);
});

test("a definition that never gets healthy is taken back by the circuit breaker", async () => {
  const broken = container("main", "process.exit(3)");
  await aws.call("ecs", "UpdateService", {
    cluster: "one",
    service: "web",
    taskDefinition: await define("web", [broken]),
  });
  await until(
    90,
    () => described("web"),
    ({ deployments: [one] }) => one.rolloutState === "FAILED",
  );
  assert.equal((await ask()).version, "2");
});

test("a task whose execution role may not read its secret does not start", async () => {
  await allow(LOGS);
  await serve("denied", await define("denied", web("1")));
  const failed = () => runner.lastFailures("denied");
  const [reason] = await until(
    30,
    async () => failed(),
    (reasons) => reasons.length > 0,
  );
  assert.match(
    reason,
    /one is not authorized to perform secretsmanager:GetSecretValue on arn:aws:secretsmanager/,
  );
});

test("a deleted service stops in order, and nothing of it is left", async () => {
  for (const service of ["web", "denied"]) {
    await aws.call("ecs", "DeleteService", { cluster: "one", service, force: true });
  }
  await until(
    60,
    async () => runner.services,
    (left) => left.length === 0,
  );
  const filters = { label: [`flotilla.test.ecs=${NAME}`, "flotilla.test.ecs.task"] };
  assert.deepEqual(await docker.listContainers({ all: true, filters }), []);
  assert.deepEqual((await docker.listVolumes({ filters })).Volumes ?? [], []);
  assert.deepEqual(runner.failures, []);
});
