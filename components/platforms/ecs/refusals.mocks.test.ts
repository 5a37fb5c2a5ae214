import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakePlatform } from "../../../tests/fake-platform";
import { Recorder, settled } from "../../../tests/recorder";
import { Microservice } from "../../microservice";
import { Problems } from "../../problems";
import { EcsPlatform, type EcsPlatformArgs } from ".";
import { checkWorkload } from "./refusals";
import type { Args } from "./testing";

const REFUSED: [service: Args, message: string][] = [
  [
    { ulimits: { nproc: { soft: 1, hard: 1 } } },
    'ulimits can be set on ECS for nofile only, got ["nproc"]. Take the others out.',
  ],
  [
    { logRotation: { maxFiles: 5 } },
    `logRotation cannot be set on ECS, where output goes to CloudWatch, got {"maxSizeMiB":10,"maxFiles":5}. Take it out, and set the platform's logRetentionDays.`,
  ],
  [
    { hardening: { runAsUser: 0, addCapabilities: ["NET_ADMIN"] } },
    'hardening.addCapabilities can be SYS_PTRACE only on ECS, got ["NET_ADMIN"]. Take the others out.',
  ],
  [
    { hardening: { seccompProfile: "unconfined" } },
    'hardening.seccompProfile cannot be chosen on ECS, got "unconfined". Write "default".',
  ],
  [
    { restart: "on-failure" },
    'restart must be "always" on ECS for a container of a service, got "on-failure". Write "always".',
  ],
  [
    { probe: { exec: { command: ["/check"] }, intervalSeconds: 2 } },
    "probe.intervalSeconds must be at least 5 seconds on ECS, got 2. Write 5.",
  ],
  [
    { probe: { exec: { command: ["/check"] }, timeoutSeconds: 1 } },
    "probe.timeoutSeconds must be at least 2 seconds on ECS, got 1. Write 2.",
  ],
  [
    { volumes: { data: { path: "/data", kind: "persistent", sizeMiB: 10 } } },
    `volumes["data"].sizeMiB cannot be kept on ECS, where a file system grows with what it holds, got 10. Take it out.`,
  ],
  [
    { volumes: { data: { path: "/data", kind: "persistent" } }, replicas: 2 },
    "replicas must be 1 on ECS beside a persistent volume, which all replicas would share, got 2. Write 1, or keep the data outside.",
  ],
  [
    { volumes: { data: { path: "/data", sizeMiB: 30000 } } },
    `volumes["data"].sizeMiB must be at most 20480 MiB for all ephemeral volumes together on Fargate, got 30000. Make them smaller, or persistent.`,
  ],
  [
    { cpuMillicores: 17000 },
    'cpuMillicores must, with its sidecars, be at most 16 cores and 122880 MiB on Fargate, got {"cores":17,"memoryMiB":256}. Ask for less, or use a capacity provider of EC2.',
  ],
];

/** What the check says of a service, as any platform is asked to run it. */
function refused(service: Args): readonly string[] {
  const args = { image: "registry.example.com/users:1", ports: [8080], ...service };
  const { workload } = new Microservice("users", { ...args, platform: new FakePlatform() });
  const problems = new Problems('Microservice "users"');
  checkWorkload(problems, workload.spec, "agent:1", true);
  return problems.messages;
}

before(() => new Recorder());
after(settled);

for (const [service, message] of REFUSED) {
  test(`${JSON.stringify(service)} is refused`, () => {
    assert.deepEqual(refused(service), [`Microservice "users": ${message}`]);
  });
}

test("everything is told at once, of sidecars too", () => {
  const sidecar = { name: "log", image: "log:1", restart: "never" as const };
  assert.deepEqual(
    refused({ restart: "never", sidecars: [sidecar] }).map((message) => message.slice(0, 70)),
    [
      'Microservice "users": restart must be "always" on ECS for a container ',
      'Microservice "users": sidecars["log"].restart must be "always" on ECS ',
    ],
  );
});

const PLATFORM: [args: Partial<EcsPlatformArgs>, message: string][] = [
  [{ region: "" }, 'region must be a region of AWS, got "". Write "eu-central-1".'],
  [{ network: { zones: 1 } }, "network.zones must be 2, 3 or 4, got 1. Write 2."],
  [
    { network: { cidr: "10.0.0.0/28" } },
    'network.cidr must be a range of addresses from /16 to /24, got "10.0.0.0/28". Write "10.0.0.0/16".',
  ],
  [
    { network: { vpcId: "vpc-1", privateSubnetIds: ["a", "b"], publicSubnetIds: ["c"] } },
    'network.publicSubnetIds must name subnets in two zones at least, got ["c"]. Add another one.',
  ],
  [
    { logRetentionDays: 10 },
    "logRetentionDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days, got 10. Write 14.",
  ],
  [
    { expose: { kind: "alb", certificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/1a2b" } },
    `expose.certificateArn must be in the platform's region eu-central-1, got "arn:aws:acm:us-east-1:111122223333:certificate/1a2b". Request the certificate there, or import it.`,
  ],
  [
    { expose: { kind: "nlb", webAclArn: "x" } as never },
    'expose.webAclArn is known of an alb only, got "x". Write kind: "alb", or take it out.',
  ],
  [
    { expose: { kind: "alb", allowFrom: [] } },
    'expose.allowFrom must not be empty, as nobody could connect, got []. Write ["0.0.0.0/0"].',
  ],
  [{ rollout: { stepPercent: 1 } }, "rollout.stepPercent must be from 3 to 100 percent, got 1. Write 10."],
  [
    { capacity: { capacityProvider: "FARGATE" } },
    `capacity.capacityProvider must be the name of a capacity provider of your own, got "FARGATE". Write "fargate" for AWS's.`,
  ],
  [
    { tags: { "aws:x": "1" } },
    'tags["aws:x"] is kept for AWS or Flotilla, got "aws:x". Give it another name.',
  ],
  [
    { clusterArn: "shop" },
    'clusterArn must be the ARN of a cluster, got "shop". Write one like "arn:aws:ecs:eu-central-1:111122223333:cluster/shop".',
  ],
];

for (const [args, message] of PLATFORM) {
  test(`a platform with ${JSON.stringify(args)} is refused`, () => {
    assert.throws(() => new EcsPlatform("shop", { region: "eu-central-1", ...args }), {
      message: `EcsPlatform "shop": ${message}`,
    });
  });
}
