import assert from "node:assert/strict";
import { test } from "node:test";
import { output } from "@pulumi/pulumi";
import { failuresOf, Recorder } from "../../../tests/recorder";
import { containers, deploy, deployed } from "./testing";

interface Container {
  command: string[];
  environment: { name: string; value: string }[];
  healthCheck?: Record<string, unknown>;
  mountPoints: { sourceVolume: string; containerPath: string; readOnly: boolean }[];
}

function of(recorder: Parameters<typeof containers>[0], name: string): Record<string, Container> {
  return containers(recorder, name) as unknown as Record<string, Container>;
}

const PROBES = {
  http: { probe: { http: { path: "/readyz" } }, asks: ["http://127.0.0.1:8080/readyz"] },
  grpc: { probe: { grpc: { service: "users" } }, asks: ["grpc://127.0.0.1:8080/users"] },
  tcp: { probe: { tcp: {} }, asks: ["tcp://127.0.0.1:8080"] },
};

for (const [kind, { probe, asks }] of Object.entries(PROBES)) {
  test(`a ${kind} probe is asked by the agent's binary, so that the image needs no shell`, async () => {
    const { main } = of(await deployed({ probe: { ...probe, intervalSeconds: 2 } }), "users");
    const agent = ["CMD", "/.flotilla/agent", "probe", "--timeout", "2s", ...asks];
    assert.deepEqual(main.healthCheck, {
      command: agent,
      // ECS asks no more often; the agent that registers keeps the two seconds.
      interval: 5,
      timeout: 3,
      retries: 3,
      startPeriod: 60,
    });
    const mount = main.mountPoints.find(({ containerPath }) => containerPath === "/.flotilla");
    assert.deepEqual(mount, { sourceVolume: "agent", containerPath: "/.flotilla", readOnly: true });
  });
}

test("an exec probe runs as it is, without a shell", async () => {
  const probe = { exec: { command: ["/bin/check", "--deep"] }, timeoutSeconds: 7, startPeriodSeconds: 280 };
  const { main } = of(await deployed({ probe }), "users");
  assert.deepEqual(main.healthCheck, {
    command: ["CMD", "/bin/check", "--deep"],
    interval: 5,
    timeout: 7,
    retries: 3,
    startPeriod: 300,
  });
});

test("short files stand in the definition, long ones and live ones at S3, secret ones in the store", async () => {
  const long = "x".repeat(5000);
  const recorder = await deployed({
    files: {
      "/etc/short/a": "short",
      "/etc/long/b": long,
      "/etc/live/c": { content: "live", live: true, mode: "0440" },
    },
    secretFiles: { "/run/secrets/d": "secret" },
  });
  const users = of(recorder, "users");
  const text = JSON.stringify(users);
  assert.equal(text.includes(long), false);
  assert.equal(text.includes('"secret"'), false);
  assert.equal(
    users["agent-files"].environment.some(({ value }) => value === "short"),
    true,
  );
  const files = users["agent-files"].command.filter((one) => one.startsWith("/volumes/main-files"));
  assert.deepEqual(
    files.map((one) => one.replace(/[0-9a-f]{12}/g, "HASH")),
    [
      "/volumes/main-files-1=0755",
      "/volumes/main-files-2=0755",
      "/volumes/main-files-3=0777",
      "/volumes/main-files-4=0755",
      "/volumes/main-files-1/a=0444:env:FILE_0",
      "/volumes/main-files-2/b=0444:s3:flotilla-shop-test-files-HASH/users/HASH/main-files-2/b",
      "/volumes/main-files-4/d=0444:env:FILE_1",
    ],
  );
  const live = recorder.one("aws:s3/bucketObjectv2:BucketObjectv2", "users-main-files-3").inputs;
  assert.deepEqual(
    [live.key, live.content],
    ["users/live/main-files-3.json", '{"c":{"content":"live","mode":"0440"}}'],
  );
  const follows = users["agent-live"].command.at(-1)!.replace(/[0-9a-f]{12}/, "HASH");
  assert.equal(
    follows,
    "/volumes/main-files-3=s3:flotilla-shop-test-files-HASH/users/live/main-files-3.json",
  );
  const mount = users.main.mountPoints.find((one) => one.containerPath === "/etc/live");
  assert.deepEqual(mount, { sourceVolume: "main-files-3", containerPath: "/etc/live", readOnly: true });
});

test("a live file's new content changes no definition; another file's does", async () => {
  const revision = async (plain: string, live: string): Promise<string> => {
    const recorder = await deployed({
      files: { "/etc/plain/a": plain, "/etc/live/b": { content: live, live: true } },
    });
    return JSON.stringify(containers(recorder, "users"));
  };
  const before = await revision("a", "b");
  assert.equal(await revision("a", "B"), before);
  assert.notEqual(await revision("A", "b"), before);
});

test("secrets are parameters of Systems Manager where that is chosen", async () => {
  const recorder = await deployed({ secretFiles: { "/run/secrets/d": "secret" } }, { secretStore: "ssm" });
  const [parameter] = recorder.all("aws:ssm/parameter:Parameter").map(({ inputs }) => inputs);
  assert.deepEqual(
    [parameter.name, parameter.type],
    ["/flotilla-shop-test/users/main-files-1-0-d", "SecureString"],
  );
  assert.equal(recorder.all("aws:secretsmanager/secret:Secret").length, 0);
});

test("a persistent volume is a folder of an encrypted file system that only its own tasks mount", async () => {
  const recorder = await deployed({
    volumes: { data: { path: "/data", kind: "persistent" } },
    hardening: { runAsUser: 999 },
  });
  const { inputs } = recorder.one("aws:efs/accessPoint:AccessPoint", "users-data");
  assert.deepEqual(inputs.posixUser, { uid: 999, gid: 999 });
  assert.equal(recorder.one("aws:efs/fileSystem:FileSystem", "shop-volumes").inputs.encrypted, true);
  const { volumes } = recorder.one("aws:ecs/taskDefinition:TaskDefinition", "users-definition").inputs as {
    volumes: { name: string; efsVolumeConfiguration?: { transitEncryption: string } }[];
  };
  const mounted = volumes.find(({ name }) => name === "volume-data")!;
  assert.equal(mounted.efsVolumeConfiguration!.transitEncryption, "ENABLED");
  const service = recorder.one("aws:ecs/service:Service", "users-service").inputs;
  assert.deepEqual([service.deploymentMinimumHealthyPercent, service.deploymentMaximumPercent], [0, 100]);
});

test("tasks run before the replicas that need them, by a function that waits for their end", async () => {
  const task = { name: "migrate", image: "registry.example.com/users:1", command: ["migrate"] };
  const recorder = await deployed({ tasks: [task] });
  const run = recorder.one("aws:lambda/invocation:Invocation", "users-migrate-run");
  assert.deepEqual(Object.keys(run.inputs.triggers as object), ["definition"]);
  const { dependsOn } = recorder.one("aws:ecs/service:Service", "users-service");
  assert.equal(
    dependsOn.some((urn) => urn.endsWith("::users-migrate-run")),
    true,
  );
  const [last] = JSON.parse(
    recorder.one("aws:ecs/taskDefinition:TaskDefinition", "users-migrate-definition").inputs
      .containerDefinitions as string,
  ).slice(-1) as [{ name: string; essential: boolean }];
  assert.deepEqual([last.name, last.essential], ["migrate", true]);
});

test("a definition that is too large says so", async () => {
  new Recorder();
  const failures = await failuresOf(() => {
    deploy({ files: { "/etc/a/b": output("y".repeat(70_000)) } }, {});
  });
  assert.match(
    failures.join("\n"),
    /users: its containers, with their environment and files, take 7\d{4} bytes/,
  );
});

test("spot capacity keeps one task on ordinary Fargate; machines of your own are asked for exactly", async () => {
  const spot = await deployed({}, { capacity: "fargate-spot" });
  assert.deepEqual(spot.one("aws:ecs/service:Service", "users-service").inputs.capacityProviderStrategies, [
    { capacityProvider: "FARGATE", base: 1, weight: 0 },
    { capacityProvider: "FARGATE_SPOT", base: 0, weight: 1 },
  ]);
  const own = await deployed(
    { cpuMillicores: 300, memoryMiB: 100 },
    { capacity: { capacityProvider: "gpu" } },
  );
  const { cpu, memory, requiresCompatibilities } = own.one(
    "aws:ecs/taskDefinition:TaskDefinition",
    "users-definition",
  ).inputs;
  assert.deepEqual([cpu, memory, requiresCompatibilities], ["308", "164", ["EC2"]]);
  const forbids = (recorder: typeof own): unknown => containers(recorder, "users").main.dockerSecurityOptions;
  assert.deepEqual([forbids(own), forbids(spot)], [["no-new-privileges"], undefined]);
});

test("an existing network and cluster are used as they are", async () => {
  const recorder = await deployed(
    {},
    {
      network: { vpcId: "vpc-1", privateSubnetIds: ["p1", "p2"], publicSubnetIds: ["q1", "q2"] },
      clusterArn: "arn:aws:ecs:eu-central-1:111122223333:cluster/shared",
    },
  );
  assert.equal(
    recorder.resources.some(({ type }) => /:(Vpc|Subnet|NatGateway|Cluster)$/.test(type)),
    false,
  );
  const { cluster, networkConfiguration } = recorder.one("aws:ecs/service:Service", "users-service").inputs;
  assert.equal(cluster, "arn:aws:ecs:eu-central-1:111122223333:cluster/shared");
  assert.deepEqual((networkConfiguration as { subnets: string[] }).subnets, ["p1", "p2"]);
});

test("Service Connect serves every port under the workload's name, beside the tasks' own DNS name", async () => {
  const recorder = await deployed({}, { serviceConnect: true });
  const { serviceConnectConfiguration } = recorder.one("aws:ecs/service:Service", "users-service").inputs;
  const { enabled, services } = serviceConnectConfiguration as { enabled: boolean; services: object[] };
  assert.equal(enabled, true);
  assert.deepEqual(services, [
    {
      portName: "http",
      discoveryName: "users-http-connect",
      clientAlias: [{ port: 8080, dnsName: "users" }],
    },
  ]);
});

const WAYS_OUT = { "nat-gateway": [1, 1], "nat-gateway-per-zone": [3, 1], "vpc-endpoints": [0, 6] } as const;

for (const [egress, [gateways, endpoints]] of Object.entries(WAYS_OUT)) {
  test(`${egress} in three zones is ${gateways} gateways and ${endpoints} endpoints`, async () => {
    const recorder = await deployed({}, { network: { egress: egress as "nat-gateway", zones: 3 } });
    assert.equal(recorder.all("aws:ec2/natGateway:NatGateway").length, gateways);
    assert.equal(recorder.all("aws:ec2/vpcEndpoint:VpcEndpoint").length, endpoints);
    const ranges = recorder.all("aws:ec2/subnet:Subnet").map(({ inputs }) => inputs.cidrBlock);
    assert.equal(new Set(ranges).size, 6);
  });
}
