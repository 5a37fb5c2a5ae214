import { Job } from "@pulumi/kubernetes/batch/v1/job";
import * as pulumi from "@pulumi/pulumi";
import { containerContent } from "../shared/container-content";
import { type KubernetesHost, NAME_LABEL, TASK_LABEL, WORKLOAD_LABEL } from "./host";
import { type PodSetup, taskPod } from "./pod";
import type { KubernetesWorkload } from "./workload";

/** A Job's name is also a label of its pod, which may have 63 characters, 12 of them the digest. */
const LONGEST_NAME = 50;

/**
 * Runs to their end the tasks of a service, or the workload itself where it is one. Their names change with anything that
 * the workload is made of, so that each change runs them again; so does the failure of the last run.
 */
export function jobs(
  host: KubernetesHost,
  workload: KubernetesWorkload,
  pods: PodSetup,
  needed: Promise<pulumi.Resource[]>,
): Job[] {
  const { name, spec } = workload;
  const containers = [...spec.init, spec.main, ...spec.sidecars, ...spec.tasks];
  const revision = host.digest({ containers: containers.map(containerContent), volumes: spec.volumes });
  const tasks = spec.lifetime === "task" ? [spec.main, ...spec.tasks] : spec.tasks;
  return tasks.map((task) => {
    const resource = task === spec.main ? name : `${name}-${task.name}`;
    const { [WORKLOAD_LABEL]: _replicas, ...labels } = host.metadata(name, name).labels as Record<
      string,
      string
    >;
    return new Job(
      resource,
      {
        metadata: host.metadata(pulumi.interpolate`${resource.slice(0, LONGEST_NAME)}-${revision}`, name),
        spec: {
          backoffLimit: 0,
          template: {
            metadata: { labels: { ...labels, [NAME_LABEL]: name, [TASK_LABEL]: task.name } },
            spec: taskPod(spec, task, pods),
          },
        },
      },
      host.options(workload, {
        dependsOn: needed,
        // Pulumi's name for "it failed": only a new Job runs again, and it has the same name.
        replaceOnChanges: ["#initerror"],
        deleteBeforeReplace: true,
      }),
    );
  });
}
