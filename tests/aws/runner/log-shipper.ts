/** The log driver `awslogs`: what containers write goes to CloudWatch Logs, with the rights of the execution role. */

import { createInterface } from "node:readline";
import { PassThrough, type Readable } from "node:stream";
import type Docker from "dockerode";
import type { AwsClient } from "../emulator";
import type { Permissions } from "./permissions";
import type { Task } from "./task";
import type { ContainerDefinition } from "./task-definition";

const FLUSH_MS = 1000;
const MOST_EVENTS = 1000;

export class LogShipper {
  private readonly streams = new Set<Readable>();
  private readonly shipped = new Set<Promise<void>>();
  readonly failures: Error[] = [];

  constructor(
    private readonly aws: AwsClient,
    private readonly docker: Docker,
    private readonly permissions: Permissions,
  ) {}

  ship(task: Task, container: ContainerDefinition, id: string): void {
    if (container.logConfiguration?.logDriver !== "awslogs") return;
    const done = this.follow(task, container, id).catch((error: Error) => {
      this.failures.push(error);
    });
    this.shipped.add(done);
    void done.finally(() => this.shipped.delete(done));
  }

  async stop(): Promise<void> {
    for (const stream of this.streams) stream.destroy();
    await Promise.all(this.shipped);
  }

  private async follow(task: Task, container: ContainerDefinition, id: string): Promise<void> {
    const options = container.logConfiguration!.options ?? {};
    const logGroupName = options["awslogs-group"];
    const logStreamName = `${options["awslogs-stream-prefix"]}/${container.name}/${task.id}`;
    const [group] = await this.aws.call(
      "logs",
      "DescribeLogGroups",
      { logGroupNamePrefix: logGroupName },
      "logGroups[].arn",
    );
    const stream = `${String(group).replace(/:\*$/, "")}:log-stream:${logStreamName}`;
    await this.permissions.demand(task.definition.executionRoleArn, "logs:CreateLogStream", stream);
    await this.permissions.demand(task.definition.executionRoleArn, "logs:PutLogEvents", stream);
    await this.aws.call("logs", "CreateLogStream", { logGroupName, logStreamName });
    let events: { timestamp: number; message: string }[] = [];
    const flush = async () => {
      const batch = events.splice(0, MOST_EVENTS);
      if (batch.length === 0) return;
      const logEvents = batch.sort((one, other) => one.timestamp - other.timestamp);
      await this.aws.call("logs", "PutLogEvents", { logGroupName, logStreamName, logEvents });
    };
    const raw = (await this.docker
      .getContainer(id)
      .logs({ follow: true, stdout: true, stderr: true })) as unknown as Readable;
    this.streams.add(raw);
    const text = new PassThrough();
    this.docker.modem.demuxStream(raw, text, text);
    raw.on("close", () => text.end()).on("end", () => text.end());
    const timer = setInterval(
      () => void flush().catch((error: Error) => this.failures.push(error)),
      FLUSH_MS,
    );
    for await (const line of createInterface(text)) {
      if (line !== "") events.push({ timestamp: Date.now(), message: line });
    }
    clearInterval(timer);
    this.streams.delete(raw);
    while (events.length > 0) await flush();
    events = [];
  }
}
