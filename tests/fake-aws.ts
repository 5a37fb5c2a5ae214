/** What AWS would answer, as far as the components read it. */

const ACCOUNT = "111122223333";
const REGION = "eu-central-1";

/** Functions by their token. */
const FUNCTIONS: Record<string, Record<string, unknown>> = {
  "aws:index/getPartition:getPartition": { partition: "aws", dnsSuffix: "amazonaws.com" },
  "aws:index/getCallerIdentity:getCallerIdentity": { accountId: ACCOUNT },
  "aws:index/getAvailabilityZones:getAvailabilityZones": {
    names: ["a", "b", "c"].map((zone) => `${REGION}${zone}`),
  },
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": { userName: "AWS", password: "ecr-token" },
};

export function calledAws(token: string): Record<string, unknown> {
  return FUNCTIONS[token] ?? {};
}

/** What AWS computes of a resource; undefined where it is not one of AWS's. */
export function computedByAws(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
): Record<string, unknown> | undefined {
  const [aws, module] = type.split(/[:/]/);
  if (aws !== "aws") {
    return undefined;
  }
  const arn = `arn:aws:${module}:${REGION}:${ACCOUNT}:${name}`;
  const more: Record<string, Record<string, unknown>> = {
    "aws:ecs/cluster:Cluster": { arn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/${inputs.name}` },
    "aws:ecr/repository:Repository": {
      repositoryUrl: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/${inputs.name}`,
    },
    "aws:secretsmanager/secret:Secret": {
      arn: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${inputs.name}-AbCdEf`,
    },
    "aws:secretsmanager/secretVersion:SecretVersion": { versionId: `version-of-${name}` },
    "aws:s3/bucket:Bucket": { arn: `arn:aws:s3:::${inputs.bucket}` },
    "aws:lb/loadBalancer:LoadBalancer": { dnsName: `${name}.elb.amazonaws.com`, arnSuffix: `app/${name}/1` },
    // What the one function whose answer is read says: see autoscaling/resolution.ts.
    "aws:lambda/invocation:Invocation": { result: JSON.stringify({ seconds: 20 }) },
    "aws:lb/targetGroup:TargetGroup": { arnSuffix: `targetgroup/${name}/1` },
  };
  return { arn, ...more[type] };
}
