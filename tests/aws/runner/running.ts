/** A service of the account with its tasks, as the parts of the runner know it. */
import type { Targets } from "./load-balancer";
import type { ServiceScheduler } from "./service-scheduler";
import { Task } from "./task";
import type { Service } from "./task-definition";

/** A task that load balancers judge, too. */
export class RunningTask extends Task {
  /** Groups whose judgement counts, with the time until which a bad one does not. */
  targets: Targets[] = [];
  patientUntil = 0;

  get isWell(): boolean {
    return super.isHealthy && this.targets.every((group) => group.isHealthy(this.address!));
  }

  get isUnhealthy(): boolean {
    return (
      Date.now() > this.patientUntil && this.targets.some((group) => group.isUnhealthy(this.address ?? ""))
    );
  }

  get hasFailed(): boolean {
    return this.isStopping && !this.wasHealthy;
  }

  override get isHealthy(): boolean {
    return this.isWell;
  }
}

/** One service with its tasks. */
export interface Running {
  service: Service;
  scheduler: ServiceScheduler<RunningTask>;
  tasks: RunningTask[];
  failed: number;
  /** Why tasks ended that were never healthy. */
  reasons: string[];
  notBefore: number;
}
