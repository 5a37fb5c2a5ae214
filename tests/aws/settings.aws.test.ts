/** Settings that the other tests do not have, in an emulated account: each comes up, stays as it is, and goes. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, type TestContext, test } from "node:test";
import {
  AccountStack,
  changes,
  clusterName,
  errorsOf,
  REGION,
  type Settings,
  serviceOf,
} from "./account-stack";
import type { AwsClient, Json } from "./emulator";
import { inventory } from "./inventory";
import { PretendedAccount } from "./pretended-account";
import { fargateProblems } from "./runner/fargate-rules";

let account: PretendedAccount;
let aws: AwsClient;

beforeEach(async () => {
  account = await PretendedAccount.open();
  aws = account.aws;
});
afterEach(() => account?.close());

/** Brings a stack up, looks at it, sees that another up changes nothing, and that it leaves nothing. */
async function comesAndGoes(t: TestContext, name: string, settings: Settings, look: () => Promise<void>) {
  const stack = new AccountStack(account.emulator, `e2e-settings-${name}`, "tests/aws/kept.ts", settings);
  t.after(() => stack.close());
  const atFirst = await inventory(aws);
  await stack.go("up");
  await look();
  assert.deepEqual(changes(await stack.go("up")), {});
  await stack.go("destroy");
  assert.deepEqual(await inventory(aws), atFirst);
}

async function definitionOf(service: string): Promise<Json> {
  const { taskDefinition } = await serviceOf(aws, service);
  return aws.call("ecs", "DescribeTaskDefinition", { taskDefinition }, "taskDefinition");
}

async function listeners(): Promise<Json[]> {
  const [balancer] = await aws.call("elbv2", "DescribeLoadBalancers", {}, "LoadBalancers[].LoadBalancerArn");
  return aws.call("elbv2", "DescribeListeners", { LoadBalancerArn: balancer }, "Listeners");
}

test("a key of one's own encrypts logs, images, secrets and volumes; tasks run on arm64, with Service Connect", async (t) => {
  const kmsKeyArn = await aws.call("kms", "CreateKey", {}, "KeyMetadata.Arn");
  const settings = {
    ...{ kmsKeyArn, architecture: "arm64", serviceConnect: true, containerInsights: "enhanced" },
    ...{ logRetentionDays: 7, tags: { team: "shop" } },
  };
  await comesAndGoes(t, "key", settings, async () => {
    const own = await clusterName(aws);
    const request = { logGroupNamePrefix: `/flotilla/${own}/store` };
    const logs = await aws.call("logs", "DescribeLogGroups", request, "logGroups[0]");
    assert.deepEqual([logs.kmsKeyId, logs.retentionInDays], [kmsKeyArn, 7]);
    const repositories: Json[] = await aws.call("ecr", "DescribeRepositories", {}, "repositories");
    for (const { encryptionConfiguration, imageTagMutability, imageScanningConfiguration } of repositories) {
      assert.deepEqual(encryptionConfiguration, { encryptionType: "KMS", kmsKey: kmsKeyArn });
      assert.deepEqual([imageTagMutability, imageScanningConfiguration], ["IMMUTABLE", { scanOnPush: true }]);
    }
    const files = await aws.call("efs", "DescribeFileSystems", {}, "FileSystems[0]");
    assert.deepEqual([files.Encrypted, files.KmsKeyId], [true, kmsKeyArn]);
    const definition = await definitionOf("store");
    assert.deepEqual(definition.runtimePlatform, {
      cpuArchitecture: "ARM64",
      operatingSystemFamily: "LINUX",
    });
    assert.deepEqual(fargateProblems(definition), []);
  });
});

test("machines of one's own run the tasks, by their capacity provider", async (t) => {
  const arn = `arn:aws:autoscaling:${REGION}:123456789012:autoScalingGroup:1a2b:autoScalingGroupName/machines`;
  const autoScalingGroupProvider = { autoScalingGroupArn: arn };
  await aws.call("ecs", "CreateCapacityProvider", { name: "machines", autoScalingGroupProvider });
  await comesAndGoes(t, "machines", { capacity: { capacityProvider: "machines" } }, async () => {
    const { capacityProviderStrategy } = await serviceOf(aws, "store");
    assert.deepEqual(capacityProviderStrategy, [{ capacityProvider: "machines", base: 0, weight: 1 }]);
    const { requiresCompatibilities, containerDefinitions } = await definitionOf("store");
    assert.deepEqual(requiresCompatibilities, ["EC2"]);
    for (const { name, dockerSecurityOptions } of containerDefinitions) {
      assert.deepEqual(dockerSecurityOptions, ["no-new-privileges"], name);
    }
  });
});

test("a VPC and a cluster that exist are used, and stay", async (t) => {
  const [vpcId] = await aws.call("ec2", "DescribeVpcs", {}, "Vpcs[?IsDefault].VpcId");
  const subnets: string[] = await aws.call("ec2", "DescribeSubnets", {}, "Subnets[?DefaultForAz].SubnetId");
  const clusterArn = await aws.call("ecs", "CreateCluster", { clusterName: "theirs" }, "cluster.clusterArn");
  const network = { vpcId, privateSubnetIds: subnets.slice(0, 2), publicSubnetIds: subnets.slice(1, 3) };
  await comesAndGoes(t, "theirs", { network, clusterArn }, async () => {
    const services: string[] = await aws.call("ecs", "ListServices", { cluster: "theirs" }, "serviceArns");
    assert.equal(services.length, 2);
    const request = { cluster: "theirs", services };
    const found: Json[] = await aws.call("ecs", "DescribeServices", request, "services");
    for (const { networkConfiguration } of found) {
      assert.deepEqual(networkConfiguration.awsvpcConfiguration.subnets, network.privateSubnetIds);
    }
    const own = await aws.call("ec2", "DescribeVpcs", {}, "Vpcs[?!IsDefault].VpcId");
    assert.deepEqual(own, []);
  });
});

test("a certificate of ACM makes the door speak TLS, and sends HTTP there", async (t) => {
  const request = { DomainName: "shop.example.com", ValidationMethod: "DNS" };
  const certificateArn = await aws.call("acm", "RequestCertificate", request, "CertificateArn");
  await comesAndGoes(t, "tls", { expose: { kind: "alb", certificateArn, internal: true } }, async () => {
    const found = (await listeners()).map(
      ({ Port, Protocol, SslPolicy, Certificates = [], DefaultActions }) => [
        ...[Port, Protocol, SslPolicy, Certificates.map(({ CertificateArn }: Json) => CertificateArn)],
        DefaultActions.map(({ Type, RedirectConfig }: Json) => [
          Type,
          RedirectConfig?.Protocol,
          RedirectConfig?.Port,
        ]),
      ],
    );
    const byPort = Object.fromEntries(found.map(([port, ...others]) => [port, others]));
    assert.deepEqual(byPort[443].slice(0, 3), [
      ...["HTTPS", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"],
      [certificateArn],
    ]);
    assert.deepEqual(byPort[80].at(-1), [["redirect", "HTTPS", "443"]]);
    const scheme = await aws.call("elbv2", "DescribeLoadBalancers", {}, "LoadBalancers[0].Scheme");
    assert.equal(scheme, "internal");
  });
});

test("only what was to be protected withstands a destroy, and says so; without that it goes", async (t) => {
  const stack = new AccountStack(account.emulator, "e2e-settings-kept", "tests/aws/door.ts", {
    deletionProtection: true,
  });
  t.after(() => stack.close());
  const atFirst = await inventory(aws);
  await stack.go("up");
  const errors = errorsOf(await stack.attempt("destroy"));
  assert.match(errors.join("\n"), /edge-public: .*deletion protection/i);
  const settings = { deletionProtection: false };
  await stack.go("up", { settings });
  await stack.go("destroy", { settings });
  assert.deepEqual(await inventory(aws), atFirst);
});
