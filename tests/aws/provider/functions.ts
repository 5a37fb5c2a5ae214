/** The functions of the aws package that the program calls. */
import type { Properties } from "../../../infra/engine/provider";
import type { AwsClient } from "../emulator";

type AwsFunction = (aws: AwsClient, args: Properties) => Promise<Properties>;

const functions: Record<string, AwsFunction> = {
  "aws:index/getCallerIdentity:getCallerIdentity": async (aws) =>
    aws.call("sts", "GetCallerIdentity", {}, "{id: Account, accountId: Account, arn: Arn, userId: UserId}"),
  "aws:index/getRegion:getRegion": async ({ region }) => ({ id: region, name: region, region }),
  "aws:index/getPartition:getPartition": async () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": async (aws) =>
    aws.call(
      "ec2",
      "DescribeAvailabilityZones",
      {},
      "{names: AvailabilityZones[].ZoneName, zoneIds: AvailabilityZones[].ZoneId}",
    ),
  "aws:efs/getFileSystem:getFileSystem": async (aws, { creationToken }) => {
    const request = { CreationToken: creationToken };
    const found = await aws.call("efs", "DescribeFileSystems", request, "FileSystems[0]");
    if (found === null) throw new Error("There is no such file system.");
    return { ...found, id: found.FileSystemId, fileSystemId: found.FileSystemId };
  },
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": async (aws) => {
    const token = await aws.call("ecr", "GetAuthorizationToken", {}, "authorizationData[0]");
    const [userName, password] = Buffer.from(token.authorizationToken, "base64").toString().split(":");
    return { ...token, id: aws.region, userName, password };
  },
};

export function callFunction(aws: AwsClient, token: string, args: Properties): Promise<Properties> {
  const found = functions[token];
  if (found === undefined) {
    throw new Error(
      `The tests' aws provider has no function ${token}: add it to tests/aws/provider/functions.ts.`,
    );
  }
  return found(aws, args);
}
