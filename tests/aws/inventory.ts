/** Everything in an emulated account, by kind and name: what is left is told. */
import type { AwsClient } from "./emulator";

/** Operations that list a kind, and where its names are; what AWS makes and removes by itself is none of them. */
const KINDS: [kind: string, service: string, operation: string, select: string][] = [
  ["vpc", "ec2", "DescribeVpcs", "Vpcs[?!IsDefault].VpcId"],
  ["subnet", "ec2", "DescribeSubnets", "Subnets[?!DefaultForAz].SubnetId"],
  ["route table", "ec2", "DescribeRouteTables", "RouteTables[].RouteTableId"],
  ["internet gateway", "ec2", "DescribeInternetGateways", "InternetGateways[].InternetGatewayId"],
  ["nat gateway", "ec2", "DescribeNatGateways", "NatGateways[?State!='deleted'].NatGatewayId"],
  ["elastic address", "ec2", "DescribeAddresses", "Addresses[].AllocationId"],
  ["vpc endpoint", "ec2", "DescribeVpcEndpoints", "VpcEndpoints[?State!='deleted'].VpcEndpointId"],
  ["security group", "ec2", "DescribeSecurityGroups", "SecurityGroups[].GroupId"],
  ["task definition", "ecs", "ListTaskDefinitions", "taskDefinitionArns"],
  ["role", "iam", "ListRoles", "Roles[].RoleName"],
  ["policy", "iam", "ListPolicies", "Policies[?starts_with(Arn, 'arn:aws:iam::123456789012')].Arn"],
  ["log group", "logs", "DescribeLogGroups", "logGroups[].logGroupName"],
  [
    "alarm",
    "cloudwatch",
    "DescribeAlarms",
    "MetricAlarms[?!starts_with(AlarmName, 'TargetTracking-')].AlarmName",
  ],
  ["repository", "ecr", "DescribeRepositories", "repositories[].repositoryName"],
  ["secret", "secretsmanager", "ListSecrets", "SecretList[].Name"],
  ["parameter", "ssm", "DescribeParameters", "Parameters[].Name"],
  ["bucket", "s3", "ListBuckets", "Buckets[].Name"],
  ["file system", "efs", "DescribeFileSystems", "FileSystems[].FileSystemId"],
  ["access point", "efs", "DescribeAccessPoints", "AccessPoints[].AccessPointId"],
  ["namespace", "servicediscovery", "ListNamespaces", "Namespaces[].Name"],
  ["discovery service", "servicediscovery", "ListServices", "Services[].Name"],
  ["load balancer", "elbv2", "DescribeLoadBalancers", "LoadBalancers[].LoadBalancerName"],
  ["target group", "elbv2", "DescribeTargetGroups", "TargetGroups[].TargetGroupName"],
  ["function", "lambda", "ListFunctions", "Functions[].FunctionName"],
];

/** Such as `"cluster arn:…"`, sorted. */
export async function inventory(aws: AwsClient): Promise<string[]> {
  const lists = await Promise.all(
    KINDS.map(async ([kind, service, operation, select]) => {
      const names: string[] = await aws.call(service, operation, {}, select);
      return names.map((name) => `${kind} ${name}`);
    }),
  );
  const targets = await aws.call(
    "application-autoscaling",
    "DescribeScalableTargets",
    { ServiceNamespace: "ecs" },
    "ScalableTargets[].ResourceId",
  );
  const clusters = await aws.call("ecs", "ListClusters", {}, "clusterArns");
  const active = await aws.call(
    "ecs",
    "DescribeClusters",
    { clusters },
    "clusters[?status=='ACTIVE'].clusterName",
  );
  return [
    ...lists.flat(),
    ...targets.map((name: string) => `scalable target ${name}`),
    ...active.map((name: string) => `cluster ${name}`),
  ].sort();
}
