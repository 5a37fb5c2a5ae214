/**
 * The whole shop on ECS, as the resources that the program registers. It does not show that AWS takes them: see docs/ecs.md.
 */
import assert from "node:assert/strict";
import * as path from "node:path";
import { before, test } from "node:test";
import { EcsPlatform, type EcsPlatformArgs } from "../components/platforms/ecs";
import { deployArchitecture } from "../infra/deploy";
import { parseArchitecture } from "../infra/parse-architecture";
import shop from "../stacks/shop";
import { known, type Recorded, Recorder, settled } from "./recorder";
import { assertSnapshot, graphOf } from "./snapshot";

const SERVICE = "aws:ecs/service:Service";
const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";

async function deploy(args: Partial<EcsPlatformArgs> = {}) {
  const recorder = new Recorder();
  const platform = new EcsPlatform("shop", { region: "eu-central-1", ...args });
  const { gateway } = deployArchitecture(parseArchitecture(shop, "stacks/shop.ts"), platform, 80);
  await settled();
  return { recorder, url: await known(gateway.url) };
}

let recorder: Recorder;
let url: string;

before(async () => {
  ({ recorder, url } = await deploy());
});

interface Definition {
  name: string;
  image: string;
  essential: boolean;
  environment: { name: string; value: string }[];
  secrets?: { name: string; valueFrom: string }[];
  dependsOn?: { containerName: string; condition: string }[];
  linuxParameters: unknown;
  readonlyRootFilesystem: boolean;
  user: string;
  cpu?: number;
  memory?: number;
}

function definitions(from: Recorder): [string, Definition[]][] {
  return from.all(TASK_DEFINITION).map(({ name, inputs }) => {
    return [name.replace(/-definition$/, ""), JSON.parse(inputs.containerDefinitions as string)];
  });
}

function aws(from: Recorder): Recorded[] {
  return from.resources.filter(({ type }) => type.startsWith("aws:"));
}

test("the graph is the one of the snapshot, whose meaning the tests below name", () => {
  // Of a pushed image the name says what is in it.
  const graph = graphOf(recorder).replace(/-push-\S+/g, "-push");
  assertSnapshot(path.join(__dirname, "ecs-graph.snapshot.txt"), graph);
});

test("the shop is exactly this many resources of each kind", () => {
  const counts: Record<string, number> = {};
  for (const { type } of aws(recorder)) {
    counts[type] = (counts[type] ?? 0) + 1;
  }
  assert.deepEqual(counts, {
    // Two zones with a private and a public subnet each, one way out, and S3 without it.
    "aws:ec2/vpc:Vpc": 1,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": 1,
    "aws:ec2/internetGateway:InternetGateway": 1,
    "aws:ec2/subnet:Subnet": 4,
    "aws:ec2/routeTable:RouteTable": 3,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": 4,
    "aws:ec2/route:Route": 3,
    "aws:ec2/eip:Eip": 1,
    "aws:ec2/natGateway:NatGateway": 1,
    "aws:ec2/vpcEndpoint:VpcEndpoint": 1,
    "aws:ecs/cluster:Cluster": 1,
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": 1,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": 1,
    // The registry, redis, three services and the gateway.
    "aws:ecs/taskDefinition:TaskDefinition": 6,
    "aws:ecs/service:Service": 6,
    "aws:servicediscovery/service:Service": 6,
    // One each, and the function's that has users measured each 20 seconds.
    "aws:cloudwatch/logGroup:LogGroup": 7,
    "aws:lambda/function:Function": 1,
    "aws:lambda/invocation:Invocation": 1,
    // One each to start, and to run: redis for its volume, the gateway for its routes. And the function's.
    "aws:iam/role:Role": 9,
    "aws:iam/rolePolicy:RolePolicy": 9,
    // One each, and those of all tasks, of the volumes and of the load balancer.
    "aws:ec2/securityGroup:SecurityGroup": 9,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 21,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 3,
    // The agent, three services, redis, etcd and Envoy.
    "aws:ecr/repository:Repository": 7,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": 7,
    // etcd's, what its users log in with, redis's, and redis's password for three services.
    "aws:secretsmanager/secret:Secret": 6,
    "aws:secretsmanager/secretVersion:SecretVersion": 6,
    // Live files of the gateway, and its log of requests.
    "aws:s3/bucket:Bucket": 2,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 2,
    "aws:s3/bucketPolicy:BucketPolicy": 2,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
    "aws:s3/bucketObjectv2:BucketObjectv2": 1,
    "aws:efs/fileSystem:FileSystem": 1,
    "aws:efs/mountTarget:MountTarget": 2,
    "aws:efs/accessPoint:AccessPoint": 1,
    "aws:lb/loadBalancer:LoadBalancer": 1,
    "aws:lb/targetGroup:TargetGroup": 1,
    "aws:lb/listener:Listener": 1,
    // Users, by their CPU.
    "aws:appautoscaling/target:Target": 1,
    "aws:appautoscaling/policy:Policy": 1,
  });
});

test("each task is these containers, each after what it needs", () => {
  const orders = definitions(recorder).map(([name, containers]) => [
    name,
    containers.map(({ name: own, dependsOn = [] }) => {
      return `${own} after ${dependsOn.map(({ containerName, condition }) => `${containerName} ${condition}`).join(", ") || "nothing"}`;
    }),
  ]);
  const prepared = "agent-files after nothing";
  const service = [
    prepared,
    "agent-forward after agent-files SUCCESS",
    "main after agent-files SUCCESS, agent-forward HEALTHY",
    "agent-register after main START",
  ];
  assert.deepEqual(Object.fromEntries(orders), {
    registry: [prepared, "main after agent-files SUCCESS", "agent-gate after main START"],
    redis: [prepared, "main after agent-files SUCCESS", "agent-register after main START"],
    users: service,
    orders: service,
    payments: service,
    edge: [
      prepared,
      "agent-live after agent-files SUCCESS",
      "agent-envoy after agent-files SUCCESS",
      "agent-aggregate after agent-files SUCCESS",
      "main after agent-files SUCCESS, agent-live HEALTHY, agent-envoy HEALTHY, agent-aggregate HEALTHY",
      "agent-register after main START",
    ],
  });
});

test("every container has no capability, no writable root, and only the one that prepares volumes is root", () => {
  const all = definitions(recorder).flatMap(([task, containers]) =>
    containers.map((container) => ({ task, ...container })),
  );
  assert.equal(all.length, 24);
  for (const { task, name, linuxParameters, readonlyRootFilesystem, user } of all) {
    assert.deepEqual(linuxParameters, { capabilities: { drop: ["ALL"] } }, `${task} ${name}`);
    assert.equal(readonlyRootFilesystem, true, `${task} ${name}`);
    assert.equal(user === "0:0", name === "agent-files", `${task} ${name} is ${user}`);
  }
});

test("what containers may use together fits the pair that their task asks for", () => {
  for (const { name, inputs } of recorder.all(TASK_DEFINITION)) {
    const containers = JSON.parse(inputs.containerDefinitions as string) as Definition[];
    const sum = (field: "cpu" | "memory"): number =>
      containers.reduce((total, container) => total + (container[field] ?? 0), 0);
    assert(sum("cpu") <= Number(inputs.cpu), `${name}: ${sum("cpu")} of ${inputs.cpu}`);
    assert(sum("memory") <= Number(inputs.memory), `${name}: ${sum("memory")} of ${inputs.memory}`);
  }
});

test("an autoscaled service's count is left alone once it is there; the others' is kept", () => {
  const counts = recorder.all(SERVICE).map(({ name, inputs, ignoreChanges }) => {
    return [name, inputs.desiredCount, ignoreChanges];
  });
  assert.deepEqual(counts.sort(), [
    ["edge-service", 1, []],
    ["orders-service", 1, []],
    ["payments-service", 1, []],
    ["redis-service", 1, []],
    ["registry-service", 1, []],
    ["users-service", 1, ["desiredCount"]],
  ]);
});

test("nobody may connect but declared callers, to the called port and the agent's readiness", () => {
  const rules = recorder
    .all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    .map(({ inputs }) => {
      const short = (id: unknown): string => String(id).replace(/(-group)?-id$/, "");
      const from = inputs.referencedSecurityGroupId;
      return `${from === undefined ? inputs.cidrIpv4 : short(from)} → ${short(inputs.securityGroupId)}:${inputs.fromPort}`;
    });
  assert.deepEqual(rules.sort(), [
    "0.0.0.0/0 → edge-public:80",
    "edge → orders:15000",
    "edge → orders:8080",
    "edge → payments:15000",
    "edge → payments:5000",
    "edge → users:15000",
    "edge → users:8080",
    "edge-public → edge:15000",
    "edge-public → edge:8080",
    "orders → payments:15000",
    "orders → payments:5001",
    "orders → redis:15000",
    "orders → redis:6379",
    "orders → users:15000",
    "orders → users:8080",
    "payments → redis:15000",
    "payments → redis:6379",
    "redis → shop-volumes:2049",
    "shop-members → registry:2379",
    "users → redis:15000",
    "users → redis:6379",
  ]);
});

test("secrets stand in the store of secrets, and nowhere else", () => {
  const passwords = ["redis-password", "admin-password", "registry-agent-password", "registry-root-password"];
  const secrets = [
    ...passwords.map((name) => `secret-of-${name}`),
    "key-of-registry-server-key",
    "key-of-signing-key",
    "ecr-token",
  ];
  const seen = new Set<string>();
  for (const { type, name, inputs } of aws(recorder)) {
    const text = JSON.stringify(inputs);
    for (const secret of secrets.filter((one) => text.includes(one))) {
      assert.equal(type, "aws:secretsmanager/secretVersion:SecretVersion", `${name} shows ${secret}`);
      seen.add(secret);
    }
  }
  assert.deepEqual([...seen].sort(), secrets.slice(0, 6).sort());
});

test("everything that takes tags says whose it is", () => {
  const without = ["DefaultSecurityGroup", "Route", "RouteTableAssociation", "ClusterCapacityProviders"];
  const more = ["Policy", "RolePolicy", "LifecyclePolicy", "SecretVersion", "MountTarget", "Invocation"];
  const ofBuckets = ["BucketPublicAccessBlock", "BucketPolicy", "BucketLifecycleConfiguration"];
  const untagged = new Set<string>();
  for (const { type, name, inputs } of aws(recorder)) {
    const kind = type.split(":").at(-1)!;
    const tags = inputs.tags as Record<string, string> | undefined;
    if (tags === undefined) {
      untagged.add(kind);
    } else {
      assert.equal(tags["flotilla:stack"], "flotilla/test", name);
      assert(tags.Name.length > 0, name);
    }
  }
  assert.deepEqual([...untagged].sort(), [...without.slice(1), ...more, ...ofBuckets].sort());
});

test("the gateway is reached at the load balancer", () => {
  assert.equal(url, "http://edge-public.elb.amazonaws.com");
});
