/** One task on local Docker: a container that owns its network, its volumes, and its containers in ECS's order. */
import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { containerOptions } from "./container-options";
import { type ContainerState, endOf, type States, startable, stoppable } from "./container-order";
import { type Admission, admit } from "./firewall/firewall";
import type { ContainerDefinition, TaskDefinition, TaskVolume } from "./task-definition";

/** What tasks have around them. */
export interface TaskHost {
  docker: Docker;
  /** Image of the firewall, whose container owns a task's network. */
  firewall: string;
  network: string;
  resolver: string;
  labels: Record<string, string>;
  /** Environment of every container, e.g. where AWS's API is. */
  environment(task: TaskDefinition): Record<string, string>;
  secrets(container: ContainerDefinition, task: TaskDefinition): Promise<Record<string, string>>;
  /** Makes an image ready. */
  pull(image: string): Promise<void>;
  /** Docker's volume behind a volume of EFS. */
  fileSystem(volume: TaskVolume, task: Task): Promise<string>;
  /** Sends output to CloudWatch. */
  ship(task: Task, container: ContainerDefinition, id: string): void;
}

export type TaskStatus = "PROVISIONING" | "RUNNING" | "DEACTIVATING" | "STOPPING" | "STOPPED";

/** By ECS's agent, when `restartPolicy` says no other time. */
const RESTART_ATTEMPT_SECONDS = 300;

export class Task {
  readonly id = randomBytes(16).toString("hex");
  readonly startedAt = Date.now();
  status: TaskStatus = "PROVISIONING";
  /** Address in the VPC, once it has one. */
  address: string | undefined;
  /** Why it stopped. */
  reason: string | undefined;
  /** Whether it was healthy at some time. */
  wasHealthy = false;
  states: States = new Map();
  private readonly containers = new Map<string, { id: string; startedAt: number }>();
  private readonly starting = new Set<string>();
  private readonly stopping = new Set<string>();
  private readonly volumes = new Map<string, string>();
  private pause: Docker.Container | undefined;
  private busy = false;
  private drained: () => boolean = () => true;

  constructor(
    private readonly host: TaskHost,
    readonly service: string,
    readonly definition: TaskDefinition,
    /** Ids of its security groups. */
    readonly groups: string[],
  ) {}

  /** Health of all essential containers that have a check. */
  get isHealthy(): boolean {
    return this.isRunning && this.checked.every(({ name }) => this.states.get(name)?.health === "healthy");
  }

  get isRunning(): boolean {
    return (
      this.status === "RUNNING" &&
      this.definition.containerDefinitions.every(
        ({ name, essential = true }) => !essential || this.states.get(name)?.running,
      )
    );
  }

  get isStopping(): boolean {
    return ["DEACTIVATING", "STOPPING", "STOPPED"].includes(this.status);
  }

  private get checked(): ContainerDefinition[] {
    return this.definition.containerDefinitions.filter(
      ({ healthCheck, essential = true }) => essential && healthCheck !== undefined,
    );
  }

  /** As DescribeTasks tells it. */
  describe() {
    const isOver = this.status === "STOPPED";
    return {
      id: this.id,
      taskDefinitionArn: this.definition.taskDefinitionArn,
      lastStatus: this.status === "RUNNING" && !this.isRunning ? "PENDING" : this.status,
      desiredStatus: this.isStopping ? "STOPPED" : "RUNNING",
      launchType: "FARGATE",
      startedAt: new Date(this.startedAt).toISOString(),
      stoppedReason: this.reason,
      containers: this.definition.containerDefinitions.map(({ name, image }) => {
        const state = this.states.get(name);
        const health = { healthy: "HEALTHY", unhealthy: "UNHEALTHY", starting: "UNKNOWN", none: "UNKNOWN" };
        return {
          name,
          image,
          lastStatus: state === undefined || isOver ? "PENDING" : state.running ? "RUNNING" : "STOPPED",
          healthStatus: health[state?.health ?? "none"],
          exitCode: state?.exitCode,
        };
      }),
    };
  }

  /** Asks it to stop, once nobody sends it requests any more. */
  stop(reason: string, drained: () => boolean = () => true): void {
    if (this.isStopping) return;
    this.reason = reason;
    this.drained = drained;
    this.status = "DEACTIVATING";
  }

  /** Lets these connect to it and nobody else; false where it has no network (any more). */
  async admit(admissions: Admission[]): Promise<boolean> {
    if (this.pause === undefined || this.isStopping) return false;
    await admit(this.pause, admissions);
    return true;
  }

  /** Takes the next steps; called again and again. */
  async step(): Promise<void> {
    if (this.busy || this.status === "STOPPED") return;
    this.busy = true;
    try {
      if (this.status === "PROVISIONING") await this.provision();
      await this.observe();
      if (this.status === "RUNNING") await this.goOn();
      if (this.status === "DEACTIVATING" && this.drained()) this.status = "STOPPING";
      if (this.status === "STOPPING") await this.goOnStopping();
    } catch (error) {
      if (!this.isStopping) this.stop((error as Error).message);
      else throw error;
    } finally {
      this.busy = false;
    }
  }

  private async provision(): Promise<void> {
    const { docker, firewall, network, resolver } = this.host;
    const { containerDefinitions, volumes = [], family } = this.definition;
    for (const image of new Set(containerDefinitions.map((one) => one.image))) {
      await this.host.pull(image);
    }
    for (const volume of volumes) {
      if (volume.efsVolumeConfiguration !== undefined) {
        this.volumes.set(volume.name, await this.host.fileSystem(volume, this));
      } else {
        const name = `ecs-${this.id}-${volume.name}`;
        await docker.createVolume({ Name: name, Labels: this.labels("") });
        this.volumes.set(volume.name, name);
      }
    }
    const sysctls = containerDefinitions.flatMap(({ systemControls = [] }) => systemControls);
    this.pause = await docker.createContainer({
      name: `ecs-${family}-${this.id.slice(0, 8)}-pause`,
      Image: firewall,
      Labels: this.labels("pause"),
      HostConfig: {
        NetworkMode: network,
        CapDrop: ["ALL"],
        CapAdd: ["NET_ADMIN"],
        Dns: [resolver],
        Sysctls: Object.fromEntries(sysctls.map(({ namespace, value }) => [namespace, value])),
      },
    });
    await this.pause.start();
    const { NetworkSettings } = await this.pause.inspect();
    this.address = NetworkSettings.Networks[network].IPAddress;
    this.status = "RUNNING";
  }

  private async observe(): Promise<void> {
    for (const [name, { id }] of this.containers) {
      this.states.set(name, stateOf(await this.host.docker.getContainer(id).inspect()));
    }
    if (this.pause !== undefined && !(await this.pause.inspect()).State.Running && !this.isStopping) {
      this.stop("Its network is gone");
    }
    this.wasHealthy ||= this.isHealthy;
  }

  private async goOn(): Promise<void> {
    const { containerDefinitions } = this.definition;
    for (const container of containerDefinitions) await this.restartWhereAllowed(container);
    const end = endOf(containerDefinitions, this.states);
    if (end !== undefined) return this.stop(end);
    const ready = startable(containerDefinitions, this.states).filter(({ name }) => !this.starting.has(name));
    await Promise.all(ready.map((container) => this.start(container)));
  }

  private async start(container: ContainerDefinition): Promise<void> {
    const { docker } = this.host;
    const { name } = container;
    this.starting.add(name);
    const place = {
      pause: this.pause!.id,
      volumes: this.volumes,
      labels: this.labels(name),
      environment: {
        ...this.host.environment(this.definition),
        ...(await this.host.secrets(container, this.definition)),
      },
    };
    const full = `ecs-${this.definition.family}-${this.id.slice(0, 8)}-${name}`;
    const created = await docker.createContainer(containerOptions(full, this.definition, container, place));
    await created.start();
    this.containers.set(name, { id: created.id, startedAt: Date.now() });
    this.states.set(name, stateOf(await created.inspect()));
    this.host.ship(this, container, created.id);
  }

  private async restartWhereAllowed({ name, restartPolicy }: ContainerDefinition): Promise<void> {
    const container = this.containers.get(name);
    const { exitCode } = this.states.get(name) ?? {};
    if (!restartPolicy?.enabled || container === undefined || exitCode === undefined) return;
    const { restartAttemptPeriod = RESTART_ATTEMPT_SECONDS, ignoredExitCodes = [] } = restartPolicy;
    const ranSeconds = (Date.now() - container.startedAt) / 1000;
    if (ranSeconds < restartAttemptPeriod || ignoredExitCodes.includes(exitCode)) return;
    await this.host.docker.getContainer(container.id).start();
    this.containers.set(name, { ...container, startedAt: Date.now() });
    this.states.set(name, { running: true, health: "starting" });
  }

  private async goOnStopping(): Promise<void> {
    const running = this.definition.containerDefinitions.filter(({ name }) => this.states.get(name)?.running);
    if (running.length === 0) return this.remove();
    for (const { name } of stoppable(this.definition.containerDefinitions, this.states)) {
      if (this.stopping.has(name)) continue;
      this.stopping.add(name);
      // Not awaited: the next step sees that it has ended, and others stop meanwhile.
      void this.host.docker
        .getContainer(this.containers.get(name)!.id)
        .stop()
        .catch(() => {});
    }
  }

  private async remove(): Promise<void> {
    const { docker } = this.host;
    const ids = [...this.containers.values()].map(({ id }) => id);
    await Promise.all(ids.map((id) => docker.getContainer(id).remove({ force: true })));
    await this.pause?.remove({ force: true });
    const own = [...this.volumes.values()].filter((name) => name.startsWith(`ecs-${this.id}`));
    await Promise.all(own.map((name) => docker.getVolume(name).remove()));
    this.status = "STOPPED";
  }

  private labels(container: string): Record<string, string> {
    return {
      ...this.host.labels,
      "flotilla.test.ecs.service": this.service,
      "flotilla.test.ecs.task": this.id,
      "flotilla.test.ecs.container": container,
    };
  }
}

function stateOf({ State }: Docker.ContainerInspectInfo): ContainerState {
  const health = (State.Health?.Status ?? "none") as ContainerState["health"];
  return { running: State.Running, exitCode: State.Running ? undefined : State.ExitCode, health };
}
