/** Says of every service that its tasks run at once, where it is about the account's requests and not about the tasks. */
import { setTimeout as pause } from "node:timers/promises";
import type { AwsClient, Json } from "./emulator";

const POLL_MS = 200;

export class PretendedTasks {
  private isStopped = false;
  private readonly loop: Promise<void>;

  constructor(private readonly aws: AwsClient) {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const clusters: string[] = await this.aws.call("ecs", "ListClusters", {}, "clusterArns");
      for (const cluster of clusters) {
        const services: string[] = (await this.aws.list("ecs", "ListServices", { cluster })).serviceArns;
        for (const service of services) await this.report(cluster, service);
      }
      await pause(POLL_MS);
    }
  }

  private async report(cluster: string, arn: string): Promise<void> {
    const request = { cluster, services: [arn] };
    const service: Json = await this.aws.call("ecs", "DescribeServices", request, "services[0]");
    if (service === null) return;
    const running = service.status === "ACTIVE" ? service.desiredCount : 0;
    await this.aws.report({
      cluster,
      service: service.serviceName,
      running,
      pending: 0,
      deployments: [
        {
          ...service.deployments[0],
          taskDefinition: service.taskDefinition,
          rolloutState: "COMPLETED",
          desiredCount: running,
          runningCount: running,
        },
      ],
      tasks: [],
    });
  }
}
