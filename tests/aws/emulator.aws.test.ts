import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AwsEmulator, type AwsError } from "./emulator";

let aws: AwsEmulator;

before(async () => {
  aws = await AwsEmulator.start("127.0.0.1:5999");
});
after(() => aws.stop());

const refused = (code: string, words: RegExp) => (error: AwsError) => {
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

test("what a service model forbids is refused before it is sent: enums, patterns, lengths, ranges, unknown fields", async () => {
  const client = aws.client();
  const table: [string, string, object, RegExp][] = [
    ["ecs", "CreateCluster", { clusterName: "one", capacityProviders: "FARGATE" }, /Invalid type/],
    ["ecs", "CreateCluster", { clustrName: "one" }, /Unknown parameter.*clustrName/],
    ["ecs", "CreateService", { desiredCount: 1 }, /Missing required parameter.*serviceName/],
    [
      "ecs",
      "RegisterTaskDefinition",
      { family: "one", containerDefinitions: [], networkMode: "AWSVPC" },
      /networkMode is "AWSVPC", which is none of bridge, host, awsvpc, none/,
    ],
    [
      "iam",
      "CreateRole",
      { RoleName: "a b", AssumeRolePolicyDocument: "{}" },
      /RoleName is "a b", which does not match/,
    ],
    [
      "iam",
      "CreateRole",
      { RoleName: "a".repeat(65), AssumeRolePolicyDocument: "{}" },
      /has 65 characters, and 64/,
    ],
    ["elbv2", "CreateTargetGroup", { Name: "one", Port: 70000 }, /Port is 70000, and 65535 is the most/],
  ];
  for (const [service, operation, parameters, words] of table) {
    await assert.rejects(
      client.call(service, operation, parameters),
      refused("RefusedByServiceModel", words),
    );
  }
  assert.deepEqual(await client.counts(), {});
});

test("what passes is answered as AWS does, also with an error", async () => {
  const client = aws.client("eu-central-1");
  const { cluster } = await client.call("ecs", "CreateCluster", { clusterName: "shop" });
  assert.equal(cluster.clusterArn, "arn:aws:ecs:eu-central-1:123456789012:cluster/shop");
  await assert.rejects(
    client.call("ec2", "DescribeVpcs", { VpcIds: ["vpc-0a1b2c3d"] }),
    refused("InvalidVpcID.NotFound", /vpc-0a1b2c3d/),
  );
  const { repository } = await client.call("ecr", "CreateRepository", { repositoryName: "shop/users" });
  assert.equal(repository.repositoryUri, "127.0.0.1:5999/shop/users");
  assert.equal((await client.counts())["ecs CreateCluster"], 1);
});
