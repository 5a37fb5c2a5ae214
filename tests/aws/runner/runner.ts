/**
 * Runs the services of an emulated account on local Docker, as ECS on Fargate would: it looks at the account every
 * moment and brings what runs in line with it.
 */
import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import type { AwsClient } from "../emulator";
import { ApiRelay } from "./api-relay";
import { CloudMap } from "./cloud-map";
import { fargateProblems } from "./fargate-rules";
import { FileSystems } from "./file-systems";
import { firewallImage } from "./firewall/firewall";
import { LoadBalancing } from "./load-balancing";
import { LogShipper } from "./log-shipper";
import { Permissions } from "./permissions";
import { Resolver } from "./resolver/resolver";
import { type Running, RunningTask } from "./running";
import { scaleWithinLimits } from "./scaling-limits";
import { Secrets } from "./secrets";
import { SecurityGroups } from "./security-groups";
import { ServiceScheduler } from "./service-scheduler";
import type { Task, TaskHost } from "./task";
import type { Service, TaskDefinition } from "./task-definition";

const TICK_MS = 300;

/** A task that keeps failing is not started again at once. */
const SLOW_DOWN_MS = 3000;

export class EcsRunner {
  private readonly running = new Map<string, Running>();
  private readonly definitions = new Map<string, Promise<TaskDefinition>>();
  private readonly balancing: LoadBalancing;
  private readonly names: CloudMap;
  private readonly groups: SecurityGroups;
  private readonly secrets: Secrets;
  private readonly fileSystems: FileSystems;
  private readonly logs: LogShipper;
  private isStopped = false;
  private loop: Promise<void> = Promise.resolve();
  /** What went wrong with the runner itself. */
  readonly failures: Error[] = [];

  private constructor(
    private readonly aws: AwsClient,
    private readonly docker: Docker,
    private readonly images: { node: string; firewall: string },
    readonly label: string,
    private readonly network: { name: string; gateway: string },
    private readonly resolver: Resolver,
    private readonly relay: ApiRelay,
    permissions: Permissions,
  ) {
    this.balancing = new LoadBalancing(aws);
    this.names = new CloudMap(aws, resolver);
    this.secrets = new Secrets(aws, permissions);
    this.groups = new SecurityGroups(aws, network.gateway);
    this.fileSystems = new FileSystems(aws, docker, permissions, this.groups, images.node, this.labels);
    this.logs = new LogShipper(aws, docker, permissions);
  }

  /**
   * @param images those that have Node, and Go
   * @param name tells the runner's containers from others'
   */
  static async start(
    aws: AwsClient,
    docker: Docker,
    options: { name: string; images: { node: string; golang: string }; endpoint: string },
  ): Promise<EcsRunner> {
    const { name, images, endpoint } = options;
    const labels = { "flotilla.test.ecs": name };
    await removeLeft(docker, name);
    const firewall = await firewallImage(docker, images.golang);
    const created = await docker.createNetwork({ Name: `ecs-${name}`, Labels: labels });
    const { IPAM } = await created.inspect();
    const network = { name: `ecs-${name}`, gateway: IPAM!.Config![0].Gateway! };
    const permissions = new Permissions(aws);
    const relay = await ApiRelay.start(network.gateway, endpoint, permissions);
    const resolver = await Resolver.start(docker, images.node, network.name, labels);
    const used = { node: images.node, firewall };
    const runner = new EcsRunner(aws, docker, used, name, network, resolver, relay, permissions);
    runner.loop = runner.run();
    return runner;
  }

  private get labels(): Record<string, string> {
    return { "flotilla.test.ecs": this.label };
  }

  /** Tasks of a service that are not about to end, oldest first. */
  tasks(service: string): Task[] {
    const all = [...this.running.values()].filter((one) => one.service.serviceName === service);
    return all.flatMap(({ tasks }) => tasks).filter(({ isStopping }) => !isStopping);
  }

  /** Services that run, by name. */
  get services(): string[] {
    return [...this.running.values()].map(({ service }) => service.serviceName).sort();
  }

  /** Why tasks of a service ended that were never healthy, latest last. */
  lastFailures(service: string): string[] {
    const all = [...this.running.values()].filter((one) => one.service.serviceName === service);
    return all.flatMap(({ reasons }) => reasons);
  }

  /** Docker's volumes behind EFS. */
  volumes(): Promise<string[]> {
    return this.fileSystems.volumes();
  }

  /** Ends everything at once, and removes what it made. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.loop;
    this.balancing.stop();
    await this.logs.stop();
    await this.relay.stop();
    await removeLeft(this.docker, this.label);
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        await this.tick();
      } catch (error) {
        if (!this.isStopped) this.failures.push(error as Error);
      }
      await pause(TICK_MS);
    }
  }

  private async tick(): Promise<void> {
    await scaleWithinLimits(this.aws, [...this.running.values()]);
    const services = await this.activeServices();
    for (const service of services) {
      const one = this.running.get(service.serviceArn) ?? {
        service,
        scheduler: new ServiceScheduler<RunningTask>(),
        tasks: [],
        failed: 0,
        reasons: [],
        notBefore: 0,
      };
      one.service = service;
      this.running.set(service.serviceArn, one);
    }
    await this.balancing.update([...this.running.values()]);
    await Promise.all([...this.running.values()].map((one) => this.advance(one)));
    await this.groups.update([...this.running.values()]);
    await this.names.update([...this.running.values()]);
    await this.fileSystems.removeForgotten();
  }

  private async activeServices(): Promise<Service[]> {
    const clusters: string[] = (await this.aws.list("ecs", "ListClusters")).clusterArns;
    const lists = await Promise.all(
      clusters.map(async (cluster) => {
        const { serviceArns } = await this.aws.list("ecs", "ListServices", { cluster });
        if (serviceArns.length === 0) return [];
        return this.aws.call("ecs", "DescribeServices", { cluster, services: serviceArns }, "services");
      }),
    );
    return lists.flat();
  }

  private async advance(one: Running): Promise<void> {
    const { service, scheduler } = one;
    const isWanted = service.status === "ACTIVE";
    const given = isWanted ? service : { ...service, desiredCount: 0 };
    const plan = scheduler.plan(given, one.tasks, one.failed);
    for (const { task, reason } of plan.stop) this.stopTask(task, reason);
    if (Date.now() >= one.notBefore) {
      for (let count = 0; count < plan.start; count++) {
        one.tasks.push(await this.startTask(one, scheduler.definition));
      }
    }
    await Promise.all(one.tasks.map((task) => task.step()));
    const ended = one.tasks.filter(({ status }) => status === "STOPPED");
    for (const task of ended.filter(({ hasFailed }) => hasFailed)) {
      one.failed++;
      one.notBefore = Date.now() + SLOW_DOWN_MS;
      one.reasons.push(task.reason ?? "");
    }
    one.tasks = one.tasks.filter((task) => !ended.includes(task));
    await this.report(one);
    if (!isWanted && one.tasks.length === 0) this.running.delete(service.serviceArn);
  }

  private async startTask({ service }: Running, arn: string): Promise<RunningTask> {
    const definition = await this.definition(arn);
    const groups = service.networkConfiguration?.awsvpcConfiguration.securityGroups ?? [];
    const task = new RunningTask(this.host, service.serviceName, definition, groups);
    task.targets = (service.loadBalancers ?? []).map(
      ({ targetGroupArn }) => this.balancing.group(targetGroupArn)!,
    );
    task.patientUntil = Date.now() + (service.healthCheckGracePeriodSeconds ?? 0) * 1000;
    return task;
  }

  /** Load balancers and names let go of it first; with the next tick they have. */
  private stopTask(task: RunningTask, reason: string): void {
    const since = Date.now();
    task.stop(reason, () => Date.now() - since > 2 * TICK_MS);
  }

  private definition(arn: string): Promise<TaskDefinition> {
    const known = this.definitions.get(arn);
    if (known !== undefined) return known;
    const asked = this.aws
      .call("ecs", "DescribeTaskDefinition", { taskDefinition: arn }, "taskDefinition")
      .then((definition: TaskDefinition) => {
        const problems = definition.requiresCompatibilities?.includes("FARGATE")
          ? fargateProblems(definition)
          : [];
        if (problems.length > 0) throw new Error(`Fargate refuses ${arn}: ${problems.join("; ")}`);
        return definition;
      });
    this.definitions.set(arn, asked);
    return asked;
  }

  private get host(): TaskHost {
    return {
      docker: this.docker,
      firewall: this.images.firewall,
      network: this.network.name,
      resolver: this.resolver.address,
      labels: this.labels,
      environment: ({ taskRoleArn }) => this.relay.environment(taskRoleArn),
      secrets: (container, { executionRoleArn }) => this.secrets.of(container, executionRoleArn),
      pull: (image) => this.pull(image),
      fileSystem: (volume, task) => this.fileSystems.volume(volume, task),
      ship: (task, container, id) => this.logs.ship(task, container, id),
    };
  }

  /** From the registry in place of ECR, or what the daemon has. */
  private async pull(image: string): Promise<void> {
    const isThere = await this.docker
      .getImage(image)
      .inspect()
      .then(
        () => true,
        () => false,
      );
    if (isThere) return;
    const stream = await this.docker.pull(image);
    await new Promise<void>((resolve, reject) => {
      this.docker.modem.followProgress(stream, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  private async report({ service, scheduler, tasks, failed }: Running): Promise<void> {
    const running = tasks.filter(({ isHealthy, isStopping }) => isHealthy && !isStopping).length;
    await this.aws.report({
      cluster: service.clusterArn,
      service: service.serviceName,
      status: service.status,
      running,
      pending: tasks.length - running,
      deployments: scheduler.deployments(service, tasks, failed),
      tasks: tasks.map((task) => task.describe()),
    });
  }
}

/** Everything on Docker that a runner of this name made. */
async function removeLeft(docker: Docker, name: string): Promise<void> {
  const filters = { label: [`flotilla.test.ecs=${name}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
  const { Volumes } = await docker.listVolumes({ filters });
  await Promise.all((Volumes ?? []).map((volume) => docker.getVolume(volume.Name).remove()));
}
