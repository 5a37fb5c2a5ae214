import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, FileBundle } from "../../container-spec";
import type { Workload, WorkloadSpec } from "../../platform";
import { containerContent } from "../shared/container-content";
import { agentMount, runToEndArgs, succeeded } from "./container-args";
import { type FileVolumes, fileVolumes } from "./file-volumes";
import type { DockerHost } from "./host";
import { DockerReplica } from "./replica";

export interface DockerWorkloadArgs {
  host: DockerHost;
  spec: WorkloadSpec;
  /** Files that several workloads share. */
  bundle(bundle: FileBundle): FileVolumes;
}

/** A workload on Docker: its replicas, and the tasks that ran before them. */
export class DockerWorkload extends pulumi.ComponentResource implements Workload {
  readonly address: pulumi.Output<string>;
  readonly spec: WorkloadSpec;
  readonly tasks: docker.Container[];
  readonly replicas: DockerReplica[];

  constructor(name: string, args: DockerWorkloadArgs, opts: pulumi.ComponentResourceOptions) {
    super("flotilla:index:DockerWorkload", name, {}, opts);
    const { host, spec } = args;
    this.spec = spec;
    this.address = pulumi.output(name);

    const containers = [...spec.init, spec.main, ...spec.sidecars, ...spec.tasks];
    const files = new Map(containers.map((container) => [container.name, this.files(name, container, args)]));
    const content = {
      containers: containers.map(containerContent),
      volumes: spec.volumes,
      agent: host.agentVolume,
    };
    const revision = host.digest(content);
    this.tasks = spec.tasks.map((task) => this.runTask(name, task, files.get(task.name)!, revision, args));
    const done = this.tasks.map((task, index) =>
      succeeded(`Task "${spec.tasks[index].name}" of "${name}"`, task),
    );
    const ready = pulumi.all([revision, ...done]).apply(([own]) => own);

    const count = typeof spec.replicas === "number" ? spec.replicas : Math.max(1, spec.replicas.min);
    this.replicas = Array.from({ length: count }, (_, position) => {
      const index = position + 1;
      const replica = { host, workload: name, index, spec, revision: ready, files };
      return new DockerReplica(`${name}-${index}`, replica, { parent: this });
    });
    this.registerOutputs({ address: this.address });
  }

  private files(name: string, container: ContainerSpec, { host, bundle }: DockerWorkloadArgs): FileVolumes {
    const own = fileVolumes(host, `${name}-${container.name}`, container.image, container.files, this);
    const shared = container.bundles.map(bundle);
    return {
      mounts: [own, ...shared].flatMap(({ mounts }) => mounts),
      writers: [own, ...shared].flatMap(({ writers }) => writers),
    };
  }

  private runTask(
    name: string,
    task: ContainerSpec,
    files: FileVolumes,
    revision: pulumi.Input<string>,
    { host, spec }: DockerWorkloadArgs,
  ): docker.Container {
    const args = runToEndArgs(task);
    return new docker.Container(
      `${name}-${task.name}`,
      {
        ...args,
        networkMode: host.network,
        volumes: [...agentMount(host), ...files.mounts],
        labels: host.labels({
          "flotilla.workload": name,
          "flotilla.task": task.name,
          "flotilla.revision": revision,
        }),
      },
      host.options(this, { deleteBeforeReplace: false, dependsOn: [...spec.startAfter, ...files.writers] }),
    );
  }
}
