/** What one stack has in a Kubernetes cluster, found by the annotation of its namespaces. */
import type { Duplex } from "node:stream";
import type { Api } from "../../engine/providers/kubernetes/api";
import { unlessMissing } from "../../engine/providers/kubernetes/errors";
import type { Stdio } from "../stdio";
import type { FollowOptions, LogLine, PersistentVolume, StackOnTarget } from "../targets/target";
import { execIn, forwardTo } from "./pod-exec";
import { PodLogFollower } from "./pod-log-follower";
import { type ApiObject, type PodPart, partsOf } from "./pods";

/** Names `<project>/<stack>` at the namespace of a platform. */
const stackAnnotation = "flotilla.dev/pulumi-stack";
const ours = "app.kubernetes.io/managed-by=flotilla";

/** The kinds of which something may be left, as the API's paths name them. */
const kinds: [path: string, kind: string][] = [
  ["apis/apps/v1", "deployments"],
  ["apis/apps/v1", "statefulsets"],
  ["apis/batch/v1", "jobs"],
  ["api/v1", "pods"],
  ["api/v1", "services"],
  ["api/v1", "serviceaccounts"],
  ["api/v1", "configmaps"],
  ["api/v1", "secrets"],
  ["apis/networking.k8s.io/v1", "networkpolicies"],
  ["apis/policy/v1", "poddisruptionbudgets"],
  ["apis/autoscaling/v2", "horizontalpodautoscalers"],
];

export class StackOnKubernetes implements StackOnTarget {
  /**
   * @param label `<project>/<stack>`.
   * @param images the stack's images at the builder, e.g. `"image users:1"`.
   */
  constructor(
    readonly api: Pick<Api, "request" | "text" | "lines" | "watch" | "socket">,
    private readonly label: string,
    private readonly images: () => Promise<string[]>,
  ) {}

  /** A stack has one for each platform of its program. */
  async namespaces(): Promise<string[]> {
    const { items } = await this.api.request("/api/v1/namespaces", { query: { labelSelector: ours } });
    return items
      .filter(({ metadata }: ApiObject) => metadata.annotations?.[stackAnnotation] === this.label)
      .map(({ metadata }: ApiObject) => metadata.name);
  }

  async parts(): Promise<PodPart[]> {
    const [pods, services, unhealthy] = await Promise.all([
      this.list("api/v1", "pods", { labelSelector: ours }),
      this.list("api/v1", "services", { labelSelector: ours }),
      this.list("api/v1", "events", { fieldSelector: "reason=Unhealthy" }),
    ]);
    const told = new Map(unhealthy.map(({ involvedObject, message }) => [involvedObject.uid, message]));
    const ports = new Map(
      services.map((service) => [service.spec.selector?.["flotilla.dev/workload"], publicPorts(service)]),
    );
    ports.delete(undefined);
    return partsOf(pods, told, ports);
  }

  async readLog(part: PodPart, lines: number): Promise<LogLine[]> {
    const query = { container: roleOf(part), tailLines: lines, timestamps: true, previous: part.crashed };
    const log = await unlessMissing(this.api.text(logPath(part), { query }));
    return (log ?? "").split("\n").filter(Boolean).map(toLogLine);
  }

  follow(options: FollowOptions): Promise<void> {
    return new PodLogFollower(this, options).run();
  }

  exec(part: PodPart, command: string[], stdio: Stdio): Promise<number> {
    return execIn(this.api, podPath(part), roleOf(part), command, stdio);
  }

  forward(part: PodPart, port: number, client: Duplex): Promise<void> {
    return forwardTo(this.api, podPath(part), port, client);
  }

  async persistentVolumes(): Promise<PersistentVolume[]> {
    const claims = await this.list("api/v1", "persistentvolumeclaims");
    return claims.map(({ metadata: { name, labels = {} } }) => ({
      name,
      purpose: purposeOf(name, labels["flotilla.dev/workload"]),
    }));
  }

  /** Its namespaces with them, which would be kept for them alone. */
  async removePersistentVolumes(): Promise<void> {
    for (const namespace of await this.namespaces()) {
      await unlessMissing(this.api.request(`/api/v1/namespaces/${namespace}`, { method: "DELETE" }));
      await this.untilGone(namespace);
    }
  }

  async leftovers(keptData: boolean): Promise<string[]> {
    const namespaces = keptData ? [] : (await this.namespaces()).map((name) => `namespace ${name}`);
    const lists = await Promise.all(
      kinds.map(async ([path, kind]) =>
        (await this.list(path, kind, { labelSelector: ours })).map(
          ({ metadata }) => `${kind} ${metadata.name}`,
        ),
      ),
    );
    return [...namespaces, ...lists.flat(), ...(await this.images())];
  }

  /** Objects of a kind in all namespaces of the stack. */
  private async list(path: string, kind: string, query: Record<string, string> = {}): Promise<ApiObject[]> {
    const lists = await Promise.all(
      (await this.namespaces()).map((namespace) =>
        this.api.request(`/${path}/namespaces/${namespace}/${kind}`, { query }),
      ),
    );
    return lists.flatMap(({ items }) => items);
  }

  private async untilGone(namespace: string): Promise<void> {
    const going = await unlessMissing(this.api.request(`/api/v1/namespaces/${namespace}`));
    if (going === undefined) {
      return;
    }
    const { resourceVersion } = going.metadata;
    const selector = { fieldSelector: `metadata.name=${namespace}`, resourceVersion, timeoutSeconds: 120 };
    for await (const { type } of this.api.watch(
      "/api/v1/namespaces",
      selector,
      AbortSignal.timeout(130_000),
    )) {
      if (type === "DELETED") {
        return;
      }
    }
  }
}

/** Claims are named `<volume>-<workload>-<ordinal>`. */
function purposeOf(claim: string, workload: string): string {
  const [volume, ordinal] = claim.split(`-${workload}-`);
  return `${workload}/${ordinal} ${volume}`;
}

/** Path of a container's log. */
export function logPath(part: PodPart): string {
  return `${podPath(part)}/log`;
}

function podPath({ namespace, pod }: PodPart): string {
  return `/api/v1/namespaces/${namespace}/pods/${pod}`;
}

/** Name of the container in its pod. */
export function roleOf({ id }: PodPart): string {
  return id.slice(id.indexOf("/") + 1);
}

export function toLogLine(line: string): LogLine {
  const space = line.indexOf(" ");
  return space < 0 ? { at: line, text: "" } : { at: line.slice(0, space), text: line.slice(space + 1) };
}

/** Where a Service can be reached from outside the cluster. */
function publicPorts({ spec, status }: ApiObject): string[] {
  const [balancer] = status?.loadBalancer?.ingress ?? [];
  return (spec.ports ?? [])
    .filter(({ nodePort }: ApiObject) => nodePort !== undefined)
    .map(({ port, nodePort }: ApiObject) =>
      balancer === undefined ? `node:${nodePort}` : `${balancer.ip ?? balancer.hostname}:${port}`,
    );
}
