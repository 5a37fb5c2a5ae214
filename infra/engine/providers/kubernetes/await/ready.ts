/** Waits until an object that was applied works. */
import type { CallContext, Properties } from "../../../provider";
import type { Cluster } from "../cluster";
import { annotation, describe, type Identity } from "../objects";
import type { View } from "../watches";
import { type Awaiter, failed, type Situation, type Verdict, waiting } from "./awaiter";
import { definitionAwaiter } from "./custom-resource-definition";
import { daemonSetAwaiter } from "./daemon-set";
import { deploymentAwaiter } from "./deployment";
import { explain } from "./explain";
import { ingressAwaiter } from "./ingress";
import { jobAwaiter } from "./job";
import { podAwaiter } from "./pod";
import { troubleOf } from "./pods";
import { serviceAwaiter } from "./service";
import { statefulSetAwaiter } from "./stateful-set";
import { timeoutMs } from "./timeout";
import { claimAwaiter, volumeAwaiter } from "./volumes";
import { waitForAwaiter } from "./wait-for";
import { wait } from "./waiter";

/** Kinds that are more than their entry at the server. */
const AWAITERS: Record<string, Awaiter> = {
  "apiextensions.k8s.io/v1/CustomResourceDefinition": definitionAwaiter,
  "apps/v1/DaemonSet": daemonSetAwaiter,
  "apps/v1/Deployment": deploymentAwaiter,
  "apps/v1/StatefulSet": statefulSetAwaiter,
  "batch/v1/Job": jobAwaiter,
  "networking.k8s.io/v1/Ingress": ingressAwaiter,
  "v1/PersistentVolume": volumeAwaiter,
  "v1/PersistentVolumeClaim": claimAwaiter,
  "v1/Pod": podAwaiter,
  "v1/Service": serviceAwaiter,
};

/** An object that does not work; it exists. */
export class NotReady extends Error {
  constructor(
    message: string,
    /** As it was last seen. */
    readonly live: Properties,
  ) {
    super(message);
  }
}

function awaiterOf({ apiVersion, kind }: Identity, inputs: Properties): Awaiter | undefined {
  if (annotation(inputs, "pulumi.com/skipAwait") === "true") return undefined;
  const own = annotation(inputs, "pulumi.com/waitFor");
  return own ? waitForAwaiter(own) : AWAITERS[`${apiVersion}/${kind}`];
}

/** The live object once it works; throws {@link NotReady} with what is in its way, its events and logs. */
export async function awaitReady(
  cluster: Cluster,
  context: CallContext,
  identity: Identity,
  inputs: Properties,
  applied: Properties,
): Promise<Properties> {
  const awaiter = awaiterOf(identity, inputs);
  if (!awaiter) return applied;
  const facts = (await awaiter.facts?.(cluster, applied, context.signal)) ?? {};
  // Most objects that were not changed work already, and need no watch.
  const begun = Date.now();
  const first = awaiter.judge({ live: applied, related: [], facts, waitedMs: 0 });
  if (first.state === "ready" && !awaiter.related) return applied;

  const own = cluster.watches.open(await cluster.served(identity), identity.namespace);
  const { related } = awaiter;
  const others =
    related && cluster.watches.open(await cluster.served(related), identity.namespace, related.keyOf);
  try {
    await own.ready;
    await others?.ready;
    const key = related?.key(applied) ?? "";
    let live = applied;
    const situation = (): Situation => ({
      live,
      related: others?.of(key) ?? [],
      facts,
      waitedMs: Date.now() - begun,
    });
    const judge = (): Verdict => {
      const found = newest(own, identity, applied);
      if (found === "gone") return failed("somebody has deleted it meanwhile");
      if (found === "behind") return waiting("waits for the server's news");
      live = found;
      return told(awaiter, awaiter.judge(situation()), situation().related);
    };
    const limitMs = timeoutMs(context, inputs);
    const outcome = await wait({
      watched: [{ view: own, key: identity.name }, ...(others ? [{ view: others, key }] : [])],
      ...{ judge, signal: context.signal, timeoutMs: limitMs, onMessage: context.progress },
    });
    if (outcome.verdict.state === "ready") return live;
    const when = ending(outcome.cut, context, limitMs);
    const pods = awaiter.hasPods ? situation().related : [];
    const causes = outcome.cut === "signal" ? [] : await explain(cluster, live, pods);
    throw new NotReady(
      [`${describe(identity)} ${when}${outcome.verdict.message}`, ...causes].join("\n"),
      live,
    );
  } finally {
    own.close();
    others?.close();
  }
}

function ending(cut: "timeout" | "signal" | undefined, { signal }: CallContext, limitMs: number): string {
  if (cut === "timeout") return `is not ready after ${Math.round(limitMs / 1000)} seconds: `;
  if (cut === "signal") {
    return signal.reason?.name === "TimeoutError"
      ? "is not ready within its custom timeout: "
      : "was not waited for to the end: ";
  }
  return "does not work: ";
}

/** The object by the watch, unless that lags behind what was applied. */
function newest(
  view: View,
  { name, apiVersion, kind }: Identity,
  applied: Properties,
): Properties | "gone" | "behind" {
  const [found] = view.of(name);
  if (!found) return view.sees(applied.metadata.resourceVersion) ? "gone" : "behind";
  const isOlder = BigInt(found.metadata.resourceVersion) < BigInt(applied.metadata.resourceVersion);
  if (isOlder) return "behind";
  return { apiVersion, kind, ...found }; // lists leave the two out
}

/** The verdict with the first trouble of a pod, so that it can be seen while the wait goes on. */
function told(awaiter: Awaiter, verdict: Verdict, related: Properties[]): Verdict {
  if (verdict.state !== "waiting" || !awaiter.hasPods) return verdict;
  for (const pod of related) {
    const trouble = troubleOf(pod);
    if (trouble)
      return { ...verdict, message: `${verdict.message}; pod ${pod.metadata.name} ${trouble.message}` };
  }
  return verdict;
}
