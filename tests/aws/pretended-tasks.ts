/**
 * Says of every service that its tasks run at once, and of every other task that it has ended, where it is about the account's
 * requests and not about the tasks.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { AwsClient, Json } from "./emulator";

const POLL_MS = 200;

export class PretendedTasks {
  /** Family and exit code of the tasks that ended. */
  readonly ended: [family: string, exitCode: number][] = [];
  /** Families whose tasks end with 1. */
  readonly failing = new Set<string>();
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
        const tasks: string[] = (await this.aws.list("ecs", "ListTasks", { cluster })).taskArns;
        for (const task of tasks) await this.end(cluster, task);
      }
      await pause(POLL_MS);
    }
  }

  private async end(cluster: string, task: string): Promise<void> {
    const request = { cluster, tasks: [task] };
    const { group, taskDefinitionArn, lastStatus } = await this.aws.call(
      "ecs",
      "DescribeTasks",
      request,
      "tasks[0]",
    );
    const [, family] = /^family:(.*)/.exec(group) ?? [];
    if (family === undefined || lastStatus !== "RUNNING") return;
    const definition = await this.aws.call(
      "ecs",
      "DescribeTaskDefinition",
      { taskDefinition: taskDefinitionArn },
      "taskDefinition",
    );
    const code = this.failing.has(family) ? 1 : 0;
    const codes = definition.containerDefinitions.map(({ name, essential }: Json) => [
      name,
      essential ? code : 0,
    ]);
    await this.aws.reportTask({ cluster, task, exit_codes: Object.fromEntries(codes), reason: "It ended" });
    this.ended.push([family, code]);
  }

  private async report(cluster: string, arn: string): Promise<void> {
    const request = { cluster, services: [arn] };
    const service: Json = await this.aws.call("ecs", "DescribeServices", request, "services[0]");
    if (service === null) return;
    const running = service.status === "ACTIVE" ? service.desiredCount : 0;
    await this.aws.report({
      cluster,
      service: service.serviceName,
      status: service.status,
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
