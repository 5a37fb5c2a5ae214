/** Security groups of the account: who may connect to the tasks that run, and to what they mount. */
import type { AwsClient, Json } from "../emulator";
import type { Admission } from "./firewall/firewall";
import type { Running, RunningTask } from "./running";

const EVERY_PORT = { FromPort: 0, ToPort: 65_535 };

export class SecurityGroups {
  /** What was told last, by id of the task. */
  private readonly told = new Map<string, string>();

  /** @param balancers address from which load balancers connect */
  constructor(
    private readonly aws: AwsClient,
    private readonly balancers: string,
  ) {}

  /** Brings the firewall of every task in line with the groups. */
  async update(services: Running[]): Promise<void> {
    const tasks = services.flatMap((one) => one.tasks).filter(({ address }) => address !== undefined);
    const [rules, members] = await Promise.all([this.rules(), this.members(tasks)]);
    await Promise.all(tasks.map((task) => this.tell(task, admissions(task.groups, rules, members))));
    for (const id of this.told.keys()) {
      if (!tasks.some((task) => task.id === id)) this.told.delete(id);
    }
  }

  /** @throws Error when no rule of these groups admits members of the others to a port. */
  async demand(from: string[], to: string[], port: number): Promise<void> {
    const admitting = (await this.rules()).filter(({ GroupId }) => to.includes(GroupId));
    const isAdmitted = admitting.some(
      ({ ReferencedGroupInfo, FromPort, ToPort }) =>
        from.includes(ReferencedGroupInfo?.GroupId) && FromPort <= port && port <= ToPort,
    );
    if (!isAdmitted) throw new Error(`${to.join()} does not admit ${from.join()} to port ${port}`);
  }

  private async tell(task: RunningTask, wanted: Admission[]): Promise<void> {
    const text = JSON.stringify(wanted);
    if (this.told.get(task.id) === text) return;
    if (await task.admit(wanted)) this.told.set(task.id, text);
  }

  private async rules(): Promise<Json[]> {
    const { SecurityGroupRules } = await this.aws.list("ec2", "DescribeSecurityGroupRules");
    return (SecurityGroupRules as Json[])
      .filter(({ IsEgress }) => !IsEgress)
      .map((rule) => (rule.IpProtocol === "-1" ? { ...rule, ...EVERY_PORT } : rule));
  }

  /** Addresses by group. */
  private async members(tasks: RunningTask[]): Promise<Map<string, string[]>> {
    const members = new Map<string, string[]>();
    const add = (group: string, address: string) =>
      members.set(group, [...(members.get(group) ?? []), address]);
    for (const { groups, address } of tasks) {
      for (const group of groups) add(group, address!);
    }
    const select = "LoadBalancers[].SecurityGroups[]";
    const doors: string[] = await this.aws.call("elbv2", "DescribeLoadBalancers", {}, select);
    for (const group of new Set(doors)) add(group, this.balancers);
    return members;
  }
}

/** What the rules of these groups let in, sorted. */
export function admissions(groups: string[], rules: Json[], members: Map<string, string[]>): Admission[] {
  return rules
    .filter(({ GroupId }) => groups.includes(GroupId))
    .flatMap(({ ReferencedGroupInfo, CidrIpv4, FromPort, ToPort }) => {
      const admitted = members.get(ReferencedGroupInfo?.GroupId) ?? [];
      const networks = [...admitted.map((address) => `${address}/32`), ...(CidrIpv4 ? [CidrIpv4] : [])];
      return networks.map((from) => ({ from, fromPort: FromPort, toPort: ToPort }));
    })
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
