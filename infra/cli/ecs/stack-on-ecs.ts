/** What one stack has on ECS, found by the tag that everything of it has. */
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  paginateListClusters,
  paginateListServices,
  paginateListTasks,
  type Task,
} from "@aws-sdk/client-ecs";
import {
  DeleteFileSystemCommand,
  EFSClient,
  paginateDescribeAccessPoints,
  paginateDescribeFileSystems,
} from "@aws-sdk/client-efs";
import { UserError } from "../errors";
import type { FollowOptions, LogLine, PersistentVolume, StackOnTarget } from "../targets/target";
import { TaskLogFollower } from "./task-log-follower";
import { partsOf, stackTag, type TaskPart, tagOf, workloadTag } from "./task-parts";

/** What one request describes at most. */
const TASKS_AT_ONCE = 100;
const SERVICES_AT_ONCE = 10;

/** Of every container: why `exec` and `port-forward` are not served. */
export const UNREACHABLE =
  "ECS Exec, by which both would go, writes to a container's root file system and takes rights for its task, and neither is given here. " +
  "See what a service writes with logs; reach a port by a route of the gateway.";

/** Where a container's output is kept. */
export interface LogStream {
  logGroupName: string;
  logStreamName: string;
}

export function openStack(region: string, label: string): StackOnTarget {
  const clients = { ecs: new ECSClient({ region }), logs: new CloudWatchLogsClient({ region }) };
  return new StackOnEcs({ ...clients, efs: new EFSClient({ region }) }, label);
}

/** How many clusters a region has; rejects where AWS does not answer, or not to these credentials. */
export async function countClusters(region: string): Promise<number> {
  return (await new ECSClient({ region }).send(new ListClustersCommand({}))).clusterArns?.length ?? 0;
}

export class StackOnEcs implements StackOnTarget {
  private readonly logOptions = new Map<string, Promise<Map<string, Record<string, string>>>>();

  /** @param label `<project>/<stack>` */
  constructor(
    private readonly clients: { ecs: ECSClient; logs: CloudWatchLogsClient; efs: EFSClient },
    private readonly label: string,
  ) {}

  async parts(): Promise<TaskPart[]> {
    const tasks = await Promise.all((await this.clusters()).map((cluster) => this.tasks(cluster)));
    return partsOf(tasks.flat(), this.label);
  }

  async readLog(part: TaskPart, lines: number): Promise<LogLine[]> {
    return (await this.linesAfter(part, undefined, lines)).lines;
  }

  follow(options: FollowOptions): Promise<void> {
    return new TaskLogFollower(this, options).run();
  }

  /** What a container wrote after the place that `token` names, and the place where that ends. */
  async linesAfter(
    part: TaskPart,
    token: string | undefined,
    limit?: number,
  ): Promise<{ lines: LogLine[]; token: string | undefined }> {
    const stream = await this.logStream(part);
    if (stream === undefined) {
      return { lines: [], token };
    }
    const startFromHead = token !== undefined;
    const request = new GetLogEventsCommand({ ...stream, limit, startFromHead, nextToken: token });
    try {
      const { events = [], nextForwardToken } = await this.clients.logs.send(request);
      const lines = events.map(({ timestamp, message = "" }) => ({
        at: new Date(timestamp!).toISOString().replace("Z", "000000Z"),
        text: message,
      }));
      return { lines, token: nextForwardToken };
    } catch (error) {
      // A container that has written nothing yet.
      if ((error as Error).name === "ResourceNotFoundException") {
        return { lines: [], token };
      }
      throw error;
    }
  }

  async exec(): Promise<number> {
    throw new UserError(UNREACHABLE);
  }

  async forward(): Promise<void> {
    throw new UserError(UNREACHABLE);
  }

  async persistentVolumes(): Promise<PersistentVolume[]> {
    const volumes: PersistentVolume[] = [];
    for await (const { AccessPoints = [] } of paginateDescribeAccessPoints(
      { client: this.clients.efs },
      {},
    )) {
      for (const { AccessPointId, Tags, RootDirectory } of AccessPoints) {
        if (this.isOurs(Tags)) {
          const volume = RootDirectory?.Path?.split("/").at(-1) ?? "";
          const workload = Tags?.find(({ Key }) => Key === workloadTag)?.Value ?? "";
          volumes.push({
            name: `${AccessPointId} (${workload}-${volume})`,
            purpose: `${workload} ${volume}`,
          });
        }
      }
    }
    return volumes;
  }

  /** The file systems; what leads to them went with the stack. */
  async removePersistentVolumes(): Promise<void> {
    for (const FileSystemId of await this.fileSystems()) {
      await this.clients.efs.send(new DeleteFileSystemCommand({ FileSystemId }));
    }
  }

  async leftovers(keptData: boolean): Promise<string[]> {
    const services = await Promise.all((await this.clusters()).map((cluster) => this.services(cluster)));
    const systems = keptData ? [] : await this.fileSystems();
    return [...services.flat().map((name) => `service ${name}`), ...systems.map((id) => `file system ${id}`)];
  }

  private async fileSystems(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { FileSystems = [] } of paginateDescribeFileSystems({ client: this.clients.efs }, {})) {
      ids.push(...FileSystems.filter(({ Tags }) => this.isOurs(Tags)).map((one) => one.FileSystemId!));
    }
    return ids;
  }

  private isOurs(tags: { Key?: string; Value?: string }[] | undefined): boolean {
    return tags?.some(({ Key, Value }) => Key === stackTag && Value === this.label) ?? false;
  }

  private async clusters(): Promise<string[]> {
    const arns: string[] = [];
    for await (const { clusterArns = [] } of paginateListClusters({ client: this.clients.ecs }, {})) {
      arns.push(...clusterArns);
    }
    return arns;
  }

  /** Tasks that run, and those that ended within the last hour. */
  private async tasks(cluster: string): Promise<Task[]> {
    const found: Task[] = [];
    for (const desiredStatus of ["RUNNING", "STOPPED"] as const) {
      const arns: string[] = [];
      for await (const page of paginateListTasks({ client: this.clients.ecs }, { cluster, desiredStatus })) {
        arns.push(...(page.taskArns ?? []));
      }
      for (let from = 0; from < arns.length; from += TASKS_AT_ONCE) {
        const tasks = arns.slice(from, from + TASKS_AT_ONCE);
        const request = new DescribeTasksCommand({ cluster, tasks, include: ["TAGS"] });
        found.push(...((await this.clients.ecs.send(request)).tasks ?? []));
      }
    }
    return found;
  }

  private async services(cluster: string): Promise<string[]> {
    const arns: string[] = [];
    for await (const { serviceArns = [] } of paginateListServices(
      { client: this.clients.ecs },
      { cluster },
    )) {
      arns.push(...serviceArns);
    }
    const names: string[] = [];
    for (let from = 0; from < arns.length; from += SERVICES_AT_ONCE) {
      const services = arns.slice(from, from + SERVICES_AT_ONCE);
      const request = new DescribeServicesCommand({ cluster, services, include: ["TAGS"] });
      const found = (await this.clients.ecs.send(request)).services ?? [];
      const ours = found.filter(
        ({ tags, status }) => status !== "INACTIVE" && tagOf(tags, stackTag) === this.label,
      );
      names.push(...ours.map(({ serviceName }) => serviceName!));
    }
    return names;
  }

  /** As the log driver `awslogs` names it. */
  private async logStream({ taskDefinition, role, task }: TaskPart): Promise<LogStream | undefined> {
    const known = this.logOptions.get(taskDefinition) ?? this.askLogOptions(taskDefinition);
    this.logOptions.set(taskDefinition, known);
    const options = (await known).get(role);
    return (
      options && {
        logGroupName: options["awslogs-group"]!,
        logStreamName: `${options["awslogs-stream-prefix"]}/${role}/${task}`,
      }
    );
  }

  private async askLogOptions(taskDefinition: string): Promise<Map<string, Record<string, string>>> {
    const answer = await this.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    const containers = answer.taskDefinition?.containerDefinitions ?? [];
    return new Map(
      containers
        .filter(({ logConfiguration }) => logConfiguration?.logDriver === "awslogs")
        .map(({ name, logConfiguration }) => [name!, logConfiguration!.options ?? {}]),
    );
  }
}
