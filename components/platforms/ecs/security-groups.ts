import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import { READY_PORT } from "../../agent-sidecars";
import type { PortSpec } from "../../container-spec";
import { type Call, Calls } from "../shared/calls";
import type { EcsHost } from "./host";
import type { EcsWorkload } from "./workload";

type GroupHost = Pick<EcsHost, "prefix" | "tags" | "options">;

/** The group that every task is in: it lets everything out, and nobody in. */
export function memberGroup(
  host: GroupHost,
  name: string,
  vpcId: pulumi.Output<string>,
  parent: pulumi.Resource,
): SecurityGroup {
  const own = `${host.prefix}-members`;
  const options = host.options(parent);
  const group = new SecurityGroup(
    `${name}-members`,
    { name: own, description: "Every task of the platform", vpcId, tags: host.tags(own) },
    options,
  );
  new SecurityGroupEgressRule(
    `${name}-members-out`,
    { securityGroupId: group.id, ipProtocol: "-1", cidrIpv4: "0.0.0.0/0", tags: host.tags(own) },
    options,
  );
  return group;
}

/** A group of one workload's own, that admits nobody yet. */
export function ownGroup(
  host: EcsHost,
  name: string,
  description: string,
  parent: pulumi.Resource,
): SecurityGroup {
  const own = `${host.prefix}-${name}`;
  return new SecurityGroup(
    `${name}-group`,
    { name: own, description, vpcId: host.network.vpcId, tags: host.tags(own, name) },
    host.options(parent),
  );
}

/** Admits members of one group to a port of another one's. */
export function admit(
  host: EcsHost,
  resource: string,
  to: pulumi.Input<string>,
  port: number,
  from: pulumi.Input<string>,
  parent: pulumi.Resource,
): SecurityGroupIngressRule {
  return new SecurityGroupIngressRule(
    resource,
    {
      securityGroupId: to,
      referencedSecurityGroupId: from,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      tags: host.tags(`${host.prefix}-${resource}`),
    },
    host.options(parent),
  );
}

interface EcsCall extends Call {
  caller: EcsWorkload;
  /** Name or number; undefined: the first one. */
  port: string | number | undefined;
}

/** Who may call whom. Calls may be cyclic, so a way is opened as soon as both ends are there. */
export class Edges {
  private readonly calls = new Calls((call: EcsCall, to: EcsWorkload) => this.open(call, to));
  private readonly rules = new Map<string, SecurityGroupIngressRule>();

  constructor(private readonly host: EcsHost) {}

  add(workload: EcsWorkload): void {
    this.calls.add(workload.name, workload);
  }

  connect(call: EcsCall): void {
    this.calls.connect(call);
  }

  /** Lets every task of the platform connect. */
  admitMembers(workload: EcsWorkload): void {
    for (const { port } of workload.spec.ports) {
      const resource = `${workload.name}-from-members-${port}`;
      admit(this.host, resource, workload.groupId, port, this.host.memberGroupId, workload);
    }
  }

  /** What admits a caller, once the program has run through and all of its calls are known. */
  openedBy(caller: string): Promise<pulumi.Resource[]> {
    return this.calls.openedBy(caller);
  }

  private open({ caller, to, port }: EcsCall, { spec, groupId }: EcsWorkload): SecurityGroupIngressRule[] {
    const called = port === undefined ? spec.ports.slice(0, 1) : spec.ports.filter(isCalled(port));
    // Callers ask the agent, too, who can serve.
    return [...called.map((one) => one.port), READY_PORT].flatMap((number) => {
      const resource = `${caller.name}-to-${to}-${number}`;
      if (this.rules.has(resource)) {
        return [];
      }
      const rule = admit(this.host, resource, groupId, number, caller.groupId, caller);
      this.rules.set(resource, rule);
      return [rule];
    });
  }
}

function isCalled(called: string | number) {
  return ({ name, port }: PortSpec): boolean => (typeof called === "number" ? port : name) === called;
}
