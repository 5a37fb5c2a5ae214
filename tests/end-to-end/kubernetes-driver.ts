import { stackPrefix } from "../../components/platforms/shared/stack-prefix";
import { StackOnDocker } from "../../infra/cli/docker/stack-on-docker";
import { dockerConnection } from "../../infra/engine/providers/docker/connection";
import { Api } from "../../infra/engine/providers/kubernetes/api";
import { unlessMissing } from "../../infra/engine/providers/kubernetes/errors";
import { clusterAccess } from "../../infra/engine/providers/kubernetes/kubeconfig";
import { clusterOf } from "../../infra/kubernetes-settings";
import { loadCommand } from "../../infra/setup/cluster/own-cluster";
import { places } from "../../infra/setup/cluster/places";
import { CommandDriver, run } from "./command-driver";
import type { CommandResult, Driver, RunningContainer } from "./driver";

// biome-ignore lint/suspicious/noExplicitAny: what the API server sends is open JSON
export type ApiObject = Record<string, any>;

const PROJECT = "flotilla";
const PLATFORM = "shop";
const cluster = clusterOf({ cluster: "local" });

/** Kinds that a stack may leave; a namespace's own default objects are none of them. */
const LEFT = [
  ["volume", "api/v1", "persistentvolumeclaims"],
  ["deployment", "apis/apps/v1", "deployments"],
  ["statefulset", "apis/apps/v1", "statefulsets"],
  ["replicaset", "apis/apps/v1", "replicasets"],
  ["job", "apis/batch/v1", "jobs"],
  ["pod", "api/v1", "pods"],
  ["service", "api/v1", "services"],
  ["secret", "api/v1", "secrets"],
  ["networkpolicy", "apis/networking.k8s.io/v1", "networkpolicies"],
  ["poddisruptionbudget", "apis/policy/v1", "poddisruptionbudgets"],
  ["horizontalpodautoscaler", "apis/autoscaling/v2", "horizontalpodautoscalers"],
] as const;

/** Runs the shop in the local Kubernetes cluster by the commands that a user types. */
export class KubernetesDriver extends CommandDriver implements Driver {
  readonly url: string;
  readonly namespace: string;
  /** The cluster's autoscaler raises the number, at its own pace. */
  readonly scalesWithinSeconds = 90;
  readonly dataVolume = /data-redis-0/;
  readonly keptData: RegExp[];
  readonly api = new Api(clusterAccess(cluster));

  constructor(
    stack: string,
    settings: { httpPort: number; registryKind: string; expose?: unknown; images?: unknown },
  ) {
    super(stack, "kubernetes", { cluster: "local", ...settings });
    this.url = `http://127.0.0.1:${settings.httpPort}`;
    this.namespace = stackPrefix(PROJECT, PLATFORM, stack);
    this.keptData = [new RegExp(`^namespace ${this.namespace}$`), /^volume data-redis-0$/];
  }

  /** Objects of a kind in the stack's namespace. */
  async list(path: string, kind: string, labelSelector?: string): Promise<ApiObject[]> {
    const answer = await this.api.request(`/${path}/namespaces/${this.namespace}/${kind}`, {
      query: { labelSelector },
    });
    return answer.items;
  }

  /** Pods of a service that are not about to end, oldest first. */
  async pods(service: string): Promise<ApiObject[]> {
    const pods = await this.list("api/v1", "pods", `flotilla.dev/workload=${service}`);
    const born = ({ metadata }: ApiObject) => `${metadata.creationTimestamp} ${metadata.name}`;
    return pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .sort((one, other) => born(one).localeCompare(born(other)));
  }

  async running(): Promise<Map<string, RunningContainer>> {
    const pods = await this.list("api/v1", "pods");
    const containers = pods.flatMap(({ metadata, status }) =>
      [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
        .filter(({ state }) => state.running !== undefined)
        .map(({ name, containerID, state }): [string, RunningContainer] => [
          `${metadata.name}/${name}`,
          { id: containerID, startedAt: state.running.startedAt },
        ]),
    );
    return new Map(containers);
  }

  async logs(service: string, replica: number): Promise<string> {
    const { metadata } = await this.replica(service, replica);
    return this.api.text(`/api/v1/namespaces/${this.namespace}/pods/${metadata.name}/log`, {
      query: { container: "main" },
    });
  }

  /** Behind the cluster's back, at the container runtime: the pod's network goes too, and nothing drains. */
  async kill(service: string, replica: number): Promise<void> {
    const { metadata } = await this.replica(service, replica);
    const [program, ...rest] = loadCommand();
    const runtime = rest.slice(0, rest.indexOf("images"));
    const ofPod = `labels."io.kubernetes.pod.uid"==${metadata.uid}`;
    const found = await succeeded(run(program, [...runtime, "containers", "list", "--quiet", ofPod]));
    const ids = found.split("\n").filter(Boolean);
    // Those that have ended already, as init containers have, cannot be killed.
    const killed = await Promise.all(
      ids.map((id) => run(program, [...runtime, "tasks", "kill", "--signal", "SIGKILL", id])),
    );
    const ended = killed.filter(({ exitCode }) => exitCode === 0).length;
    if (ended < 3) {
      throw new Error(
        `only ${ended} containers of ${metadata.name} were killed: ${killed.map(({ output }) => output)}`,
      );
    }
  }

  async instances(caller: string, service: string): Promise<string[]> {
    const { metadata } = await this.replica(caller, 1);
    const script = `fetch(process.env.FLOTILLA_LOOKUP_URL + "/v1/services/${service}").then(async (answer) => console.log(await answer.text()))`;
    const exec = ["exec", metadata.name, "--container", "main", "--", "node", "-e", script];
    const { instances } = JSON.parse(await succeeded(this.kubectl(...exec))) as {
      instances: { address: string }[];
    };
    return instances.map(({ address }) => address).sort();
  }

  kubectl(...args: string[]): Promise<CommandResult> {
    return this.kubectlWithInput("", ...args);
  }

  kubectlWithInput(input: string, ...args: string[]): Promise<CommandResult> {
    const { kubeconfig = "", context } = cluster;
    const where = ["--kubeconfig", kubeconfig, "--context", context, "--namespace", this.namespace];
    return run(places().kubectl, [...where, ...args], input);
  }

  async leftovers(): Promise<string[]> {
    const namespace = await unlessMissing(this.api.request(`/api/v1/namespaces/${this.namespace}`));
    const lists = await Promise.all(
      LEFT.map(async ([word, path, kind]) =>
        (await this.list(path, kind)).map(({ metadata }) => `${word} ${metadata.name}`),
      ),
    );
    const images = await new StackOnDocker(await dockerConnection(), `${PROJECT}/${this.stack}`).images();
    return [...(namespace === undefined ? [] : [`namespace ${this.namespace}`]), ...lists.flat(), ...images];
  }

  private async replica(service: string, replica: number): Promise<ApiObject> {
    const pod = (await this.pods(service))[replica - 1];
    if (pod === undefined) {
      throw new Error(`${service} has no replica ${replica}`);
    }
    return pod;
  }
}

async function succeeded(command: Promise<CommandResult>): Promise<string> {
  const { exitCode, output } = await command;
  if (exitCode !== 0) {
    throw new Error(output);
  }
  return output;
}
