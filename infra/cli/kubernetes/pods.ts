/** Pods as the command line shows them. */
import { byPlace, type Part } from "../targets/target";

// biome-ignore lint/suspicious/noExplicitAny: what the API server sends is open JSON
export type ApiObject = Record<string, any>;

export interface PodPart extends Part {
  namespace: string;
  pod: string;
  /** Whether what it wrote before its latest crash is asked for, as nothing runs now. */
  crashed: boolean;
}

const workloadLabel = "flotilla.dev/workload";
const taskLabel = "flotilla.dev/task";

/** The containers of pods, sorted; `told` by pod: what its latest failed probe printed. */
export function partsOf(
  pods: ApiObject[],
  told: Map<string, string>,
  ports: Map<string, string[]>,
): PodPart[] {
  return pods.flatMap((pod) => partsOfPod(pod, told.get(pod.metadata.uid), ports)).sort(byPlace);
}

function partsOfPod(
  pod: ApiObject,
  probeOutput: string | undefined,
  ports: Map<string, string[]>,
): PodPart[] {
  const { name, namespace, labels = {}, uid } = pod.metadata;
  const task = labels[taskLabel];
  const workload = labels[workloadLabel] ?? name;
  const init = (pod.spec.initContainers ?? []) as ApiObject[];
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  return [...init, ...pod.spec.containers].map((container: ApiObject) => {
    const status = statuses.find((each: ApiObject) => each.name === container.name);
    const { state, condition } = stateOf(pod, container, status);
    const role = container.name as string;
    return {
      ...{ id: `${uid}/${role}`, name: `${name}/${role}`, namespace, pod: name },
      workload,
      replica: task === undefined ? replicaOf(name, workload) : undefined,
      role: role === "main" ? (task ?? role) : role,
      ...{ state, condition },
      startedAt: status?.state?.running && new Date(status.state.running.startedAt),
      ports: role === "main" ? (ports.get(workload) ?? []) : [],
      probeOutput: condition === "failing" && status?.state?.running ? probeOutput : undefined,
      crashed: status?.state?.waiting !== undefined && status.lastState?.terminated !== undefined,
    };
  });
}

/** What the cluster added to the workload's name, e.g. `0` or `6d5f7c9b8-abcde`. */
function replicaOf(pod: string, workload: string): string {
  return pod.startsWith(`${workload}-`) ? pod.slice(workload.length + 1) : pod;
}

/** Reasons to wait that every container has on its way up. */
const onTheWay = ["PodInitializing", "ContainerCreating", undefined];

function stateOf(
  pod: ApiObject,
  container: ApiObject,
  status?: ApiObject,
): Pick<Part, "state" | "condition"> {
  const { running, terminated, waiting } = status?.state ?? {};
  if (pod.metadata.deletionTimestamp !== undefined) {
    return { state: "ending", condition: "stopped" };
  }
  if (running !== undefined) {
    const probed = container.readinessProbe ?? container.startupProbe;
    if (status!.started === false) {
      return { state: "starting", condition: "starting" };
    }
    if (status!.ready === false) {
      return { state: "not ready", condition: "failing" };
    }
    return { state: probed === undefined ? "running" : "healthy", condition: "fine" };
  }
  if (terminated !== undefined) {
    const { exitCode } = terminated;
    return { state: `exited (${exitCode})`, condition: exitCode === 0 ? "done" : "failing" };
  }
  const reason = waiting?.reason ?? (pod.status.phase === "Pending" ? unscheduled(pod) : undefined);
  return { state: reason ?? "waiting", condition: onTheWay.includes(reason) ? "starting" : "failing" };
}

/** Why no node takes the pod. */
function unscheduled(pod: ApiObject): string | undefined {
  const scheduled = (pod.status.conditions ?? []).find(({ type }: ApiObject) => type === "PodScheduled");
  return scheduled?.status === "False" ? scheduled.reason : undefined;
}
