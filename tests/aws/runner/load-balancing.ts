/** All load balancers of the account, with the tasks that serve them. */
import type { Server } from "node:net";
import { type AwsClient, AwsError, type Json } from "../emulator";
import { listen, Targets } from "./load-balancer";
import type { Running } from "./running";

export class LoadBalancing {
  private readonly groups = new Map<string, Targets>();
  private readonly listeners = new Map<string, Server>();

  constructor(private readonly aws: AwsClient) {}

  /** A group that the account had when it was looked at last. */
  group(arn: string): Targets | undefined {
    return this.groups.get(arn);
  }

  stop(): void {
    for (const listener of this.listeners.values()) listener.close();
    for (const targets of this.groups.values()) targets.stop();
  }

  /** Listeners and target groups of the account, with the tasks that serve them. */
  async update(services: Running[]): Promise<void> {
    const groups: Json[] = await this.aws.call("elbv2", "DescribeTargetGroups", {}, "TargetGroups");
    for (const group of groups) {
      if (!this.groups.has(group.TargetGroupArn)) this.groups.set(group.TargetGroupArn, new Targets(group));
    }
    for (const [arn, targets] of this.groups) {
      const entries = services.flatMap(({ service, tasks }) =>
        (service.loadBalancers ?? [])
          .filter(({ targetGroupArn }) => targetGroupArn === arn)
          .flatMap(({ containerPort }) =>
            tasks
              .filter((task) => task.isRunning)
              .map((task) => ({ host: task.address!, port: containerPort })),
          ),
      );
      targets.set(entries);
    }
    const wanted = new Map<string, Json>();
    const balancers: string[] = await this.aws.call(
      "elbv2",
      "DescribeLoadBalancers",
      {},
      "LoadBalancers[].LoadBalancerArn",
    );
    for (const LoadBalancerArn of balancers) {
      const listeners = await this.listenersOf(LoadBalancerArn);
      for (const listener of listeners) wanted.set(listener.ListenerArn, listener);
    }
    for (const [arn, server] of this.listeners) {
      if (!wanted.has(arn)) {
        server.close();
        this.listeners.delete(arn);
      }
    }
    for (const [arn, { Protocol, Port, DefaultActions }] of wanted) {
      const targets = this.groups.get(DefaultActions[0].TargetGroupArn);
      if (targets !== undefined && !this.listeners.has(arn)) {
        this.listeners.set(arn, await listen(Protocol, Port, targets));
      }
    }
  }

  /** None of a load balancer that went meanwhile. */
  private async listenersOf(LoadBalancerArn: string): Promise<Json[]> {
    try {
      return await this.aws.call("elbv2", "DescribeListeners", { LoadBalancerArn }, "Listeners");
    } catch (error) {
      if (error instanceof AwsError && error.isMissing) return [];
      throw error;
    }
  }
}
