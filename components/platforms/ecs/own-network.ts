import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway";
import { Route } from "@pulumi/aws/ec2/route";
import { RouteTable } from "@pulumi/aws/ec2/routeTable";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation";
import { Subnet } from "@pulumi/aws/ec2/subnet";
import { Vpc } from "@pulumi/aws/ec2/vpc";
import { getAvailabilityZonesOutput } from "@pulumi/aws/getAvailabilityZones";
import * as pulumi from "@pulumi/pulumi";
import { type Egress, makeEgress } from "./egress";
import type { EcsHost } from "./host";
import type { Network, OwnNetworkArgs } from "./network";

/** What a network needs of the platform that it is made for. */
export type NetworkHost = Pick<EcsHost, "prefix" | "region" | "tags" | "options">;

/** One availability zone of the network. */
export interface Zone {
  /** Counts from 1. */
  number: number;
  privateSubnet: Subnet;
  publicSubnet: Subnet;
  privateRoutes: RouteTable;
}

/** A VPC over several zones: public subnets for load balancers, private ones for everything that runs. */
export function ownNetwork(
  host: NetworkHost,
  name: string,
  args: OwnNetworkArgs,
  memberGroup: (vpcId: pulumi.Output<string>) => pulumi.Output<string>,
  parent: pulumi.Resource,
): Network {
  const { cidr = "10.0.0.0/16", zones: count = 2, egress = "nat-gateway" as Egress } = args;
  const options = host.options(parent);
  const vpc = new Vpc(
    `${name}-vpc`,
    { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: host.tags(host.prefix) },
    options,
  );
  // The group that AWS makes itself would let everything of the VPC talk to each other.
  new DefaultSecurityGroup(
    `${name}-default-group`,
    { vpcId: vpc.id, tags: host.tags(`${host.prefix}-unused`) },
    options,
  );
  const internet = new InternetGateway(
    `${name}-internet`,
    { vpcId: vpc.id, tags: host.tags(host.prefix) },
    options,
  );
  const publicRoutes = new RouteTable(
    `${name}-public-routes`,
    { vpcId: vpc.id, tags: host.tags(`${host.prefix}-public`) },
    options,
  );
  const outwards = new Route(
    `${name}-public-route`,
    { routeTableId: publicRoutes.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id },
    options,
  );
  const { names } = getAvailabilityZonesOutput(
    { state: "available", filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }] },
    { parent, provider: options.provider },
  );
  const ranges = subnetRanges(cidr, 2 * count);
  const zones = Array.from({ length: count }, (_, index): Zone => {
    const number = index + 1;
    const availabilityZone = names.apply((all) => zoneName(all, index, host.region));
    const subnet = (kind: string, cidrBlock: string): Subnet =>
      new Subnet(
        `${name}-${kind}-${number}`,
        { vpcId: vpc.id, availabilityZone, cidrBlock, tags: host.tags(`${host.prefix}-${kind}-${number}`) },
        options,
      );
    const publicSubnet = subnet("public", ranges[count + index]);
    const privateSubnet = subnet("private", ranges[index]);
    new RouteTableAssociation(
      `${name}-public-${number}-routes`,
      { subnetId: publicSubnet.id, routeTableId: publicRoutes.id },
      options,
    );
    const privateRoutes = new RouteTable(
      `${name}-private-${number}-routes`,
      { vpcId: vpc.id, tags: host.tags(`${host.prefix}-private-${number}`) },
      options,
    );
    new RouteTableAssociation(
      `${name}-private-${number}-association`,
      { subnetId: privateSubnet.id, routeTableId: privateRoutes.id },
      options,
    );
    return { number, privateSubnet, publicSubnet, privateRoutes };
  });
  const ways = makeEgress(egress, { host, name, vpc, zones, outwards, memberGroup, parent });
  return {
    vpcId: vpc.id,
    privateSubnetIds: zones.map(({ privateSubnet }) => privateSubnet.id),
    publicSubnetIds: zones.map(({ publicSubnet }) => publicSubnet.id),
    // A load balancer that faces the internet needs the gateway, too.
    ready: [outwards, ...ways],
  };
}

/** Ranges of equal size that divide a VPC's: as many as the next power of two. */
export function subnetRanges(cidr: string, count: number): string[] {
  const [address, bits] = cidr.split("/");
  const more = Math.ceil(Math.log2(count));
  const start = address.split(".").reduce((value, part) => value * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits) - more);
  return Array.from({ length: count }, (_, index) => {
    const own = start + index * size;
    const parts = [24, 16, 8, 0].map((shift) => Math.floor(own / 2 ** shift) % 256);
    return `${parts.join(".")}/${Number(bits) + more}`;
  });
}

function zoneName(names: string[], index: number, region: string): string {
  const found = [...names].sort()[index];
  if (found === undefined) {
    const rule = `network.zones asks for zone ${index + 1}, but ${region} has ${names.length}`;
    throw new pulumi.RunError(`EcsPlatform: ${rule}. Write zones: ${names.length}.`);
  }
  return found;
}
