import type { AwsType, Query } from "../aws-type";

const service = "ec2";

/** AWS gives a new group a rule that lets everything out; Pulumi's plugin takes it away. */
const withoutRules: AwsType["afterwards"] = [
  [
    "RevokeSecurityGroupEgress",
    { GroupId: "{id}", IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }] },
  ],
];

const readGroup: Query = ["DescribeSecurityGroups", { GroupIds: ["{id}"] }, "SecurityGroups[0]"];

function groupRule(direction: "Ingress" | "Egress"): AwsType {
  const permission = {
    IpProtocol: "{inputs.ipProtocol}",
    FromPort: "{inputs.fromPort}",
    ToPort: "{inputs.toPort}",
    IpRanges: [{ CidrIp: "{inputs.cidrIpv4}" }],
    Ipv6Ranges: [{ CidrIpv6: "{inputs.cidrIpv6}" }],
    PrefixListIds: [{ PrefixListId: "{inputs.prefixListId}" }],
    UserIdGroupPairs: [{ GroupId: "{inputs.referencedSecurityGroupId}" }],
  };
  return {
    service,
    create: [
      `AuthorizeSecurityGroup${direction}`,
      { GroupId: "{inputs.securityGroupId}", IpPermissions: [permission] },
    ],
    tagged: "security-group-rule",
    ignore: [
      ...["securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6"],
      ...["prefixListId", "referencedSecurityGroupId", "description"],
    ],
    id: "{result.SecurityGroupRules.0.SecurityGroupRuleId}",
    read: ["DescribeSecurityGroupRules", { SecurityGroupRuleIds: ["{id}"] }, "SecurityGroupRules[0]"],
    delete: [
      [
        `RevokeSecurityGroup${direction}`,
        { GroupId: "{inputs.securityGroupId}", SecurityGroupRuleIds: ["{id}"] },
      ],
    ],
    outputs: { securityGroupRuleId: "{id}" },
  };
}

export const ec2: Record<string, AwsType> = {
  "aws:ec2/vpc:Vpc": {
    service,
    tagged: "vpc",
    create: ["CreateVpc", {}],
    id: "{result.Vpc.VpcId}",
    read: ["DescribeVpcs", { VpcIds: ["{id}"] }, "Vpcs[0]"],
    delete: [["DeleteVpc", { VpcId: "{id}" }]],
    also: [
      {
        inputs: ["enableDnsSupport"],
        call: ["ModifyVpcAttribute", { VpcId: "{id}", EnableDnsSupport: { Value: "{value}" } }],
      },
      {
        inputs: ["enableDnsHostnames"],
        call: ["ModifyVpcAttribute", { VpcId: "{id}", EnableDnsHostnames: { Value: "{value}" } }],
      },
    ],
    outputs: { arn: "arn:aws:ec2:{region}:123456789012:vpc/{id}" },
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    service,
    create: [
      "DescribeSecurityGroups",
      {
        Filters: [
          { Name: "vpc-id", Values: ["{inputs.vpcId}"] },
          { Name: "group-name", Values: ["default"] },
        ],
      },
    ],
    ignore: ["vpcId", "tags", "ingress", "egress"],
    id: "{result.SecurityGroups.0.GroupId}",
    afterwards: withoutRules,
    read: readGroup,
    delete: [],
  },
  "aws:ec2/subnet:Subnet": {
    service,
    tagged: "subnet",
    create: ["CreateSubnet", {}],
    id: "{result.Subnet.SubnetId}",
    read: ["DescribeSubnets", { SubnetIds: ["{id}"] }, "Subnets[0]"],
    delete: [["DeleteSubnet", { SubnetId: "{id}" }]],
    also: [
      {
        inputs: ["mapPublicIpOnLaunch"],
        call: ["ModifySubnetAttribute", { SubnetId: "{id}", MapPublicIpOnLaunch: { Value: "{value}" } }],
      },
    ],
    outputs: { arn: "SubnetArn" },
  },
  "aws:ec2/internetGateway:InternetGateway": {
    service,
    tagged: "internet-gateway",
    create: ["CreateInternetGateway", {}],
    id: "{result.InternetGateway.InternetGatewayId}",
    read: ["DescribeInternetGateways", { InternetGatewayIds: ["{id}"] }, "InternetGateways[0]"],
    delete: [
      ["DetachInternetGateway", { InternetGatewayId: "{id}", VpcId: "{inputs.vpcId}" }],
      ["DeleteInternetGateway", { InternetGatewayId: "{id}" }],
    ],
    also: [
      {
        inputs: ["vpcId"],
        call: ["AttachInternetGateway", { InternetGatewayId: "{id}", VpcId: "{value}" }],
      },
    ],
  },
  "aws:ec2/eip:Eip": {
    service,
    tagged: "elastic-ip",
    create: ["AllocateAddress", {}],
    id: "{result.AllocationId}",
    read: ["DescribeAddresses", { AllocationIds: ["{id}"] }, "Addresses[0]"],
    delete: [["ReleaseAddress", { AllocationId: "{id}" }]],
    outputs: { allocationId: "AllocationId", publicIp: "PublicIp" },
  },
  "aws:ec2/natGateway:NatGateway": {
    service,
    tagged: "natgateway",
    create: ["CreateNatGateway", {}],
    id: "{result.NatGateway.NatGatewayId}",
    read: ["DescribeNatGateways", { NatGatewayIds: ["{id}"] }, "NatGateways[0]"],
    gone: { State: "deleted" },
    delete: [["DeleteNatGateway", { NatGatewayId: "{id}" }]],
  },
  "aws:ec2/routeTable:RouteTable": {
    service,
    tagged: "route-table",
    create: ["CreateRouteTable", {}],
    id: "{result.RouteTable.RouteTableId}",
    read: ["DescribeRouteTables", { RouteTableIds: ["{id}"] }, "RouteTables[0]"],
    delete: [["DeleteRouteTable", { RouteTableId: "{id}" }]],
  },
  "aws:ec2/route:Route": {
    service,
    create: ["CreateRoute", {}],
    id: "r-{inputs.routeTableId}{inputs.destinationCidrBlock}",
    read: [
      "DescribeRouteTables",
      { RouteTableIds: ["{inputs.routeTableId}"] },
      "RouteTables[0].Routes[?DestinationCidrBlock=='{inputs.destinationCidrBlock}'] | [0]",
    ],
    update: ["ReplaceRoute", {}],
    replace: ["routeTableId", "destinationCidrBlock"],
    delete: [
      [
        "DeleteRoute",
        { RouteTableId: "{inputs.routeTableId}", DestinationCidrBlock: "{inputs.destinationCidrBlock}" },
      ],
    ],
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    service,
    create: ["AssociateRouteTable", {}],
    id: "{result.AssociationId}",
    read: [
      "DescribeRouteTables",
      { RouteTableIds: ["{inputs.routeTableId}"] },
      "RouteTables[0].Associations[?RouteTableAssociationId=='{id}'] | [0]",
    ],
    delete: [["DisassociateRouteTable", { AssociationId: "{id}" }]],
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    service,
    tagged: "vpc-endpoint",
    create: ["CreateVpcEndpoint", {}],
    id: "{result.VpcEndpoint.VpcEndpointId}",
    read: ["DescribeVpcEndpoints", { VpcEndpointIds: ["{id}"] }, "VpcEndpoints[0]"],
    gone: { State: "deleted" },
    delete: [["DeleteVpcEndpoints", { VpcEndpointIds: ["{id}"] }]],
    also: [
      {
        inputs: ["policy"],
        onlyUpdates: true,
        call: ["ModifyVpcEndpoint", { VpcEndpointId: "{id}", PolicyDocument: "{value}" }],
      },
    ],
    rename: { policy: "PolicyDocument" },
    outputs: { prefixListId: "PrefixListId" },
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    service,
    tagged: "security-group",
    create: ["CreateSecurityGroup", {}],
    rename: { name: "GroupName" },
    ignore: ["revokeRulesOnDelete", "ingress", "egress"],
    id: "{result.GroupId}",
    afterwards: withoutRules,
    read: readGroup,
    delete: [["DeleteSecurityGroup", { GroupId: "{id}" }]],
    named: ["name"],
    outputs: { arn: "arn:aws:ec2:{region}:123456789012:security-group/{id}" },
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": groupRule("Ingress"),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": groupRule("Egress"),
};
