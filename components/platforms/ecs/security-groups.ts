import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import { READY_PORT } from "../../agent-sidecars";
import type { PortSpec } from "../../platform";
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

interface Call {
  caller: EcsWorkload;
  to: string;
  /** Name or number; undefined: the first one. */
  port: string | number | undefined;
}

/** Who may call whom. Calls may be cyclic, so a way is opened as soon as both ends are there. */
export class Edges {
  private readonly workloads = new Map<string, EcsWorkload>();
  private waiting: Call[] = [];
  private readonly rules = new Map<string, SecurityGroupIngressRule>();
  private readonly opened = new Map<string, SecurityGroupIngressRule[]>();

  constructor(private readonly host: EcsHost) {}

  /** A workload is there: whoever waited for it is admitted. */
  add(workload: EcsWorkload): void {
    this.workloads.set(workload.name, workload);
    const ready = this.waiting.filter(({ to }) => to === workload.name);
    this.waiting = this.waiting.filter(({ to }) => to !== workload.name);
    for (const call of ready) {
      this.open(call, workload);
    }
  }

  connect(call: Call): void {
    const workload = this.workloads.get(call.to);
    if (workload === undefined) {
      this.waiting.push(call);
    } else {
      this.open(call, workload);
    }
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
    return new Promise((resolve) => {
      setImmediate(() => resolve(this.opened.get(caller) ?? []));
    });
  }

  private open({ caller, to, port }: Call, { spec, groupId }: EcsWorkload): void {
    const called = port === undefined ? spec.ports.slice(0, 1) : spec.ports.filter(isCalled(port));
    // Callers ask the agent, too, who can serve.
    for (const number of [...called.map((one) => one.port), READY_PORT]) {
      const resource = `${caller.name}-to-${to}-${number}`;
      if (!this.rules.has(resource)) {
        const rule = admit(this.host, resource, groupId, number, caller.groupId, caller);
        this.rules.set(resource, rule);
        this.opened.set(caller.name, [...(this.opened.get(caller.name) ?? []), rule]);
      }
    }
  }
}

function isCalled(called: string | number) {
  return ({ name, port }: PortSpec): boolean => (typeof called === "number" ? port : name) === called;
}
