import { Eip } from "@pulumi/aws/ec2/eip";
import { NatGateway } from "@pulumi/aws/ec2/natGateway";
import { Route } from "@pulumi/aws/ec2/route";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import type { Vpc } from "@pulumi/aws/ec2/vpc";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkHost, Zone } from "./own-network";

export type Egress = "nat-gateway" | "nat-gateway-per-zone" | "vpc-endpoints";

export const EGRESS: Egress[] = ["nat-gateway", "nat-gateway-per-zone", "vpc-endpoints"];

/** The services of AWS that a task needs to start and to log. */
const SERVICES = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm"];

interface Surroundings {
  host: NetworkHost;
  name: string;
  vpc: Vpc;
  zones: Zone[];
  /** The way from the public subnets to the internet. */
  outwards: pulumi.Resource;
  /** Security group that every task of the VPC has. */
  memberGroup(vpcId: pulumi.Output<string>): pulumi.Output<string>;
  parent: pulumi.Resource;
}

const WAYS: Record<Egress, (surroundings: Surroundings) => pulumi.Resource[]> = {
  "nat-gateway": (surroundings) => natGateways(surroundings, surroundings.zones.slice(0, 1)),
  "nat-gateway-per-zone": (surroundings) => natGateways(surroundings, surroundings.zones),
  "vpc-endpoints": interfaceEndpoints,
};

/** Makes the way from the private subnets to AWS; gives what must be there before a task starts. */
export function makeEgress(egress: Egress, surroundings: Surroundings): pulumi.Resource[] {
  const { host, name, vpc, zones, parent } = surroundings;
  // The layers of images come from S3; this endpoint costs nothing.
  const storage = new VpcEndpoint(
    `${name}-s3-endpoint`,
    {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${host.region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: zones.map(({ privateRoutes }) => privateRoutes.id),
      tags: host.tags(`${host.prefix}-s3`),
    },
    host.options(parent),
  );
  return [storage, ...WAYS[egress](surroundings)];
}

/** Gateways in the public subnets of some zones; the other zones use the last of them. */
function natGateways({ host, name, zones, outwards, parent }: Surroundings, where: Zone[]): Route[] {
  const gateways = where.map(({ number, publicSubnet }) => {
    const tags = host.tags(`${host.prefix}-${number}`);
    const options = host.options(parent, { dependsOn: [outwards] });
    const address = new Eip(`${name}-nat-${number}-address`, { domain: "vpc", tags }, options);
    return new NatGateway(
      `${name}-nat-${number}`,
      { allocationId: address.id, subnetId: publicSubnet.id, tags },
      options,
    );
  });
  return zones.map(({ number, privateRoutes }, index) => {
    const natGatewayId = gateways[Math.min(index, gateways.length - 1)].id;
    return new Route(
      `${name}-private-${number}-route`,
      { routeTableId: privateRoutes.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId },
      host.options(parent),
    );
  });
}

function interfaceEndpoints({ host, name, vpc, zones, memberGroup, parent }: Surroundings): VpcEndpoint[] {
  const options = host.options(parent);
  const group = new SecurityGroup(
    `${name}-endpoints-group`,
    {
      name: `${host.prefix}-endpoints`,
      description: "Endpoints of AWS services, for the tasks",
      vpcId: vpc.id,
      tags: host.tags(`${host.prefix}-endpoints`),
    },
    options,
  );
  const rule = new SecurityGroupIngressRule(
    `${name}-endpoints-from-members`,
    {
      securityGroupId: group.id,
      referencedSecurityGroupId: memberGroup(vpc.id),
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      tags: host.tags(`${host.prefix}-endpoints`),
    },
    options,
  );
  return SERVICES.map((service) => {
    return new VpcEndpoint(
      `${name}-${service.replace(".", "-")}-endpoint`,
      {
        vpcId: vpc.id,
        serviceName: `com.amazonaws.${host.region}.${service}`,
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: zones.map(({ privateSubnet }) => privateSubnet.id),
        securityGroupIds: [group.id],
        tags: host.tags(`${host.prefix}-${service}`),
      },
      { ...options, dependsOn: [rule] },
    );
  });
}
