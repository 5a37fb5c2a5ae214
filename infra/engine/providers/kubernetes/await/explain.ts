/** Why an object does not work: its events, those of its pods, and their last words. */
import type { Properties } from "../../../provider";
import type { Cluster } from "../cluster";
import { type Trouble, troubleOf } from "./pods";

const MOST_PODS = 3;
const MOST_EVENTS = 5;
const LOG_LINES = 10;
/** Neither the events nor the logs are worth a longer wait than this. */
const PATIENCE_MS = 10_000;

/** Lines for the user; what cannot be read is left out, since it only explains. */
export async function explain(cluster: Cluster, live: Properties, pods: Properties[]): Promise<string[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const troubled = pods
    .map((pod) => ({ pod, trouble: troubleOf(pod) }))
    .filter((each): each is { pod: Properties; trouble: Trouble } => each.trouble !== undefined)
    .slice(0, MOST_PODS);
  const parts = await Promise.all([
    events(cluster, live, signal),
    ...troubled.map(({ pod, trouble }) => explainPod(cluster, pod, trouble, signal)),
  ]);
  return parts.flat();
}

async function explainPod(
  cluster: Cluster,
  pod: Properties,
  trouble: Trouble,
  signal: AbortSignal,
): Promise<string[]> {
  return [
    `  pod ${pod.metadata.name} ${trouble.message}`,
    ...(await events(cluster, pod, signal)).map((line) => `  ${line}`),
    ...(await lastWords(cluster, pod, trouble, signal)),
  ];
}

async function events(cluster: Cluster, { metadata }: Properties, signal: AbortSignal): Promise<string[]> {
  const path = `/api/v1/namespaces/${metadata.namespace ?? "default"}/events`;
  const query = { fieldSelector: `involvedObject.uid=${metadata.uid},type=Warning` };
  const answer = await cluster.api.request(path, { query, signal }).catch(() => ({ items: [] }));
  const lines = answer.items.map(
    ({ reason, message, count = 1 }: Properties) =>
      `  event ${reason}${count > 1 ? ` (${count} times)` : ""}: ${message?.trim()}`,
  );
  return [...new Set<string>(lines)].slice(-MOST_EVENTS);
}

async function lastWords(
  cluster: Cluster,
  { metadata }: Properties,
  { container, previous }: Trouble,
  signal: AbortSignal,
): Promise<string[]> {
  if (!container) return [];
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`;
  const read = (ofPrevious?: boolean) =>
    cluster.api.text(path, { query: { container, tailLines: LOG_LINES, previous: ofPrevious }, signal });
  // The run before may be cleaned up already, and the present one not begun.
  const text = await read(previous).catch(() => read().catch(() => ""));
  const lines = text.trimEnd().split("\n").filter(Boolean);
  if (lines.length === 0) return [];
  return [`    last log lines of ${container}:`, ...lines.map((line) => `      ${line}`)];
}
