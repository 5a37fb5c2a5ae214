/** ECS's scheduler for one service: keeps as many tasks as are wanted, and rolls them when their definition changes. */
import { randomUUID } from "node:crypto";
import type { Service } from "./task-definition";

/** What the scheduler has to know of a task. */
export interface Scheduled {
  definition: { taskDefinitionArn: string };
  startedAt: number;
  /** Serves, by its containers' and its load balancers' word. */
  isHealthy: boolean;
  /** Has to go, by the word of either. */
  isUnhealthy: boolean;
  isStopping: boolean;
  /** Has gone or is about to go without having been healthy. */
  hasFailed: boolean;
}

export interface Plan<T> {
  /** How many tasks of the wanted definition to start. */
  start: number;
  stop: { task: T; reason: string }[];
}

/** By ECS's rule for its circuit breaker. */
const LEAST_FAILURES = 3;
const MOST_FAILURES = 200;

/** The way from one definition to another, as ECS tells it. */
export interface Deployment {
  id: string;
  taskDefinition: string;
  status: "PRIMARY" | "ACTIVE";
  rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  rolloutStateReason: string;
  desiredCount: number;
  runningCount: number;
  failedTasks: number;
}

export class ServiceScheduler<T extends Scheduled> {
  private failedBefore = 0;
  /** Definition that was reached last, to which the circuit breaker goes back. */
  private lastGood: string | undefined;
  /** Set when the circuit breaker gave up. */
  private failure: string | undefined;
  private wanted = "";
  private id = "";
  private completed = false;

  /** The definition that tasks shall have. */
  get definition(): string {
    return this.failure !== undefined && this.lastGood !== undefined ? this.lastGood : this.wanted;
  }

  /** Looks at what runs, and says what to start and what to stop. `tasks`: all that were not removed yet. */
  plan(service: Service, tasks: T[], failed: number): Plan<T> {
    this.follow(service, failed);
    const { desiredCount, deploymentConfiguration = {} } = service;
    const { minimumHealthyPercent = 100, maximumPercent = 200 } = deploymentConfiguration;
    const least = Math.ceil((desiredCount * minimumHealthyPercent) / 100);
    const most = Math.max(1, Math.floor((desiredCount * maximumPercent) / 100));
    const active = tasks.filter(({ isStopping }) => !isStopping);
    const own = active.filter((task) => task.definition.taskDefinitionArn === this.definition);
    const old = active.filter((task) => !own.includes(task));
    const sick = active.filter(({ isUnhealthy }) => isUnhealthy);
    const healthy = active.filter(({ isHealthy }) => isHealthy);
    const stop = sick.map((task) => ({ task, reason: "It is unhealthy" }));

    const surplus = own
      .filter((task) => !sick.includes(task))
      .sort(byAge)
      .slice(desiredCount);
    stop.push(...surplus.map((task) => ({ task, reason: "Fewer are wanted" })));
    // Old ones that are not healthy count for nothing; of the others, as many as are not needed any more.
    let spare = healthy.length - surplus.filter(({ isHealthy }) => isHealthy).length - least;
    for (const task of old.filter((one) => !sick.includes(one)).sort(unhealthyFirst)) {
      if (task.isHealthy && spare-- <= 0) break;
      stop.push({ task, reason: "A newer deployment takes its place" });
    }
    const missing = desiredCount - (own.length - own.filter((task) => sick.includes(task)).length);
    // Those that are on their way out take no place, unless old ones have to stop first.
    const occupied = minimumHealthyPercent >= 100 ? active.length : tasks.length;
    const start = Math.max(0, Math.min(missing, most - occupied));
    const isDone = old.length === 0 && missing === 0 && own.every(({ isHealthy }) => isHealthy);
    if (isDone && tasks.every(({ isStopping }) => !isStopping || minimumHealthyPercent >= 100))
      this.complete();
    return { start, stop };
  }

  deployments(service: Service, tasks: T[], failed: number): Deployment[] {
    const running = tasks.filter(({ isHealthy, isStopping }) => isHealthy && !isStopping).length;
    const { desiredCount } = service;
    const rolloutState = this.failure !== undefined ? "FAILED" : this.completed ? "COMPLETED" : "IN_PROGRESS";
    return [
      {
        id: this.id,
        taskDefinition: this.wanted,
        status: "PRIMARY",
        rolloutState,
        rolloutStateReason: this.failure ?? `ECS deployment ${this.id} ${rolloutState.toLowerCase()}.`,
        desiredCount,
        runningCount: running,
        failedTasks: failed - this.failedBefore,
      },
    ];
  }

  private follow(service: Service, failed: number): void {
    if (service.taskDefinition !== this.wanted) {
      this.wanted = service.taskDefinition;
      this.id = `ecs-svc/${randomUUID()}`;
      this.failedBefore = failed;
      this.failure = undefined;
      this.completed = false;
    }
    const { enable = false, rollback = false } =
      service.deploymentConfiguration?.deploymentCircuitBreaker ?? {};
    const most = Math.min(MOST_FAILURES, Math.max(LEAST_FAILURES, Math.ceil(service.desiredCount / 2)));
    if (enable && !this.completed && this.failure === undefined && failed - this.failedBefore >= most) {
      const back = rollback && this.lastGood !== undefined ? `, back to ${this.lastGood}` : "";
      this.failure = `ECS deployment circuit breaker: ${failed - this.failedBefore} tasks failed to start${back}`;
    }
  }

  private complete(): void {
    this.completed = true;
    if (this.failure === undefined) this.lastGood = this.wanted;
  }
}

function byAge(one: Scheduled, other: Scheduled): number {
  return one.startedAt - other.startedAt;
}

function unhealthyFirst(one: Scheduled, other: Scheduled): number {
  return Number(one.isHealthy) - Number(other.isHealthy) || byAge(one, other);
}
