import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import type { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import type { Service } from "@pulumi/aws/ecs/service";
import type { TaskDefinition } from "@pulumi/aws/ecs/taskDefinition";
import type { Role } from "@pulumi/aws/iam/role";
import type { Service as DiscoveryService } from "@pulumi/aws/servicediscovery/service";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec } from "../../container-spec";
import type { Workload, WorkloadSpec } from "../../platform";
import { discoveryService } from "./discovery";
import type { EcsHost } from "./host";
import { Late } from "./late";
import { runOneOffTasks } from "./one-off-tasks";
import { executionRole, taskRole } from "./roles";
import { ownGroup } from "./security-groups";
import { type Attachment, service } from "./service";
import { onceContainers, replicaContainers, type TaskContainers } from "./task-containers";
import { taskDefinition } from "./task-definition";
import { type BundleSecrets, taskFiles } from "./task-files";
import { TaskVolumes } from "./task-volumes";

export interface EcsWorkloadArgs {
  host: EcsHost;
  spec: WorkloadSpec;
  bundleSecrets: BundleSecrets;
  /** What admits it to the services that it calls, once all of them are known. */
  admissions: Promise<pulumi.Resource[]>;
}

/** A workload on ECS, as the resources that it is made of. */
export class EcsWorkload extends pulumi.ComponentResource implements Workload {
  readonly address: pulumi.Output<string>;
  readonly spec: WorkloadSpec;
  readonly logGroup: LogGroup;
  /** Admits whoever may connect. */
  readonly securityGroup: SecurityGroup;
  readonly executionRole: Role;
  /** What its containers may do with AWS; undefined: nothing. */
  readonly taskRole: Role | undefined;
  readonly taskDefinition: TaskDefinition;
  /** Undefined for a workload that ends. */
  readonly service: Service | undefined;
  /** What its DNS name is kept by; undefined for a workload that ends. */
  readonly discovery: DiscoveryService | undefined;
  private readonly attachments: Late<Attachment>;

  constructor(
    readonly name: string,
    args: EcsWorkloadArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("flotilla:index:EcsWorkload", name, {}, opts);
    const { host, spec } = args;
    this.spec = spec;
    this.attachments = new Late(`Workload "${name}"`);
    this.address = pulumi.output(`${name}.${host.namespace.name}`);
    const logName = `/flotilla/${host.prefix}/${name}`;
    this.logGroup = new LogGroup(
      `${name}-logs`,
      {
        name: logName,
        retentionInDays: host.logs.retentionDays,
        kmsKeyId: host.kmsKeyArn,
        tags: host.tags(logName, name),
      },
      host.options(this),
    );
    this.securityGroup = ownGroup(host, name, `Tasks of ${name}`, this);

    const all = [...spec.init, ...spec.sidecars, spec.main, ...spec.tasks];
    const volumes = new TaskVolumes(host, name, spec.volumes, all, this.groupId, this);
    const files = taskFiles(host, name, all, volumes, args.bundleSecrets, this);
    const images = [host.agentImage, ...all.map(({ image }) => image)];
    const needs = { images, logGroup: this.logGroup, secrets: files.startStatements };
    const execution = executionRole(host, name, needs, this);
    const statements = [...files.taskStatements, ...volumes.statements];
    const running =
      statements.length > 0 || spec.platformCredentials ? taskRole(host, name, statements, this) : undefined;
    this.executionRole = execution.role;
    this.taskRole = running?.role;
    const ready = [
      ...host.network.ready,
      ...execution.policies,
      ...(running?.policies ?? []),
      ...files.needed,
      ...volumes.needed,
    ];

    const log = {
      logDriver: "awslogs" as const,
      options: {
        "awslogs-group": this.logGroup.name,
        "awslogs-region": host.region,
        "awslogs-stream-prefix": "flotilla",
        // A process must not stand still because its output cannot be delivered.
        mode: "non-blocking",
        "max-buffer-size": "4m",
      },
    };
    const { agentImage, capacity } = host;
    const setup = { spec, agentImage, files, volumes, log, fargate: capacity.fargate };
    const define = (family: string, containers: TaskContainers): TaskDefinition =>
      taskDefinition(
        host,
        {
          family,
          workload: name,
          containers,
          volumes,
          executionRoleArn: execution.role.arn,
          taskRoleArn: running?.role.arn,
        },
        this,
      );
    const isService = spec.lifetime === "service";
    const once = [...(isService ? [] : [spec.main]), ...spec.tasks].map((task) => ({
      name: task === spec.main ? name : `${name}-${task.name}`,
      definition: define(taskFamily(name, task, spec), onceContainers(setup, task)),
    }));
    const roles = [execution, ...(running === undefined ? [] : [running])].map(({ role }) => role.arn);
    const needed = args.admissions.then((rules) => [...rules, ...ready, ...spec.startAfter]);
    const runs = runOneOffTasks(host, this, once, roles, needed);
    if (isService) {
      this.discovery = discoveryService(host, name, spec, this);
      this.taskDefinition = define(name, replicaContainers(setup));
      this.service = service(host, this, {
        attachments: this.attachments.values,
        discoveryArn: this.discovery.arn,
        needed: needed.then((all) => [...all, ...runs]),
      });
    } else {
      this.taskDefinition = once[0].definition;
    }
    this.registerOutputs({ address: this.address });
  }

  get groupId(): pulumi.Output<string> {
    return this.securityGroup.id;
  }

  /** The load balancers that send it requests, once the program has run through. */
  get attached(): Promise<Attachment[]> {
    return this.attachments.values;
  }

  /** Lets a load balancer send it requests. */
  attach(attachment: Attachment): void {
    this.attachments.add(attachment);
  }
}

/** The replicas of a service have its own name. */
function taskFamily(name: string, task: ContainerSpec, spec: WorkloadSpec): string {
  return task === spec.main ? name : `${name}-${task.name}`;
}
