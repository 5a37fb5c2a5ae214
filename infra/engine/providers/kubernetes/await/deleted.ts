/** Deletes an object and waits until it is gone, with all that goes with it. */
import type { CallContext, Properties } from "../../../provider";
import type { Cluster } from "../cluster";
import { annotation, describe, type Identity } from "../objects";
import { READY, waiting } from "./awaiter";
import { timeoutMs } from "./timeout";
import { wait } from "./waiter";

const POLICIES: Record<string, string> = { orphan: "Orphan", background: "Background" };
/** Kinds that the plugin does not wait for either when the program skips waits. */
const SKIPPING = [
  ...["v1/Namespace", "v1/Pod", "v1/ReplicationController", "apps/v1/DaemonSet", "apps/v1/Deployment"],
  ...["apps/v1/StatefulSet", "batch/v1/Job"],
];
/** A look at the server itself, in case that a watch is behind. */
const CONFIRM_MS = 500;

export async function deleteAndAwait(
  cluster: Cluster,
  context: CallContext,
  identity: Identity,
  inputs: Properties,
): Promise<void> {
  const { signal } = context;
  const policy = annotation(inputs, "pulumi.com/deletionPropagationPolicy")?.toLowerCase() ?? "";
  const propagation = POLICIES[policy] ?? "Foreground";
  const skips =
    annotation(inputs, "pulumi.com/skipAwait") === "true" &&
    SKIPPING.includes(`${identity.apiVersion}/${identity.kind}`);
  const left = await cluster.delete(identity, propagation, signal);
  if (left && !skips) await awaitGone(cluster, context, identity, inputs, left.metadata.uid);
}

async function awaitGone(
  cluster: Cluster,
  context: CallContext,
  identity: Identity,
  inputs: Properties,
  uid: string,
): Promise<void> {
  const { signal } = context;
  const isSame = (object: Properties | undefined) => object?.metadata.uid === uid;
  const limitMs = timeoutMs(context, inputs);
  const end = Date.now() + limitMs;
  const view = cluster.watches.open(await cluster.served(identity), identity.namespace);
  try {
    await view.ready;
    while (true) {
      const outcome = await wait({
        watched: [{ view, key: identity.name }],
        judge() {
          const found = view.of(identity.name).find(isSame);
          return found ? waiting(reasonToStay(found)) : READY;
        },
        ...{ signal, timeoutMs: end - Date.now(), onMessage: context.progress },
      });
      if (outcome.verdict.state !== "ready") {
        const when = outcome.cut === "timeout" ? `after ${Math.round(limitMs / 1000)} seconds` : "yet";
        throw new Error(`${describe(identity)} is not gone ${when}: ${outcome.verdict.message}`);
      }
      if (!isSame(await cluster.get(identity, signal))) return;
      await new Promise((resolve) => setTimeout(resolve, CONFIRM_MS));
    }
  } finally {
    view.close();
  }
}

function reasonToStay({ metadata, status }: Properties): string {
  const told = status?.conditions?.find(
    ({ type, status: value }: Properties) => /Remaining|Failure$/.test(type) && value === "True",
  );
  if (told) return told.message;
  const finalizers: string[] = metadata.finalizers ?? [];
  const others = finalizers.filter((name) => name !== "foregroundDeletion");
  if (others.length > 0) return `waits for its finalizers ${others.join(", ")}`;
  return finalizers.length > 0 ? "waits until what belongs to it is gone" : "waits for its end";
}
