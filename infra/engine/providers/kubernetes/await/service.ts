import type { Properties } from "../../../provider";
import { type Awaiter, READY, type Situation, type Verdict, waiting } from "./awaiter";

/** How long a service may have no pods at all before that counts as meant. */
const SETTLE_MS = 10_000;
const SERVICE_NAME = "kubernetes.io/service-name";

/** It has an address where it asks for one, and none of its pods is on its way. */
export const serviceAwaiter: Awaiter = {
  related: {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    keyOf: ({ metadata }) => metadata.labels?.[SERVICE_NAME],
    key: ({ metadata }) => metadata.name,
  },
  judge: judgeService,
};

function judgeService({ live, related, waitedMs }: Situation): Verdict {
  const { spec, status = {} } = live;
  if (spec.type === "LoadBalancer" && !status.loadBalancer?.ingress?.length) {
    return waiting("waits for the load balancer's address");
  }
  const hasNoPods = spec.type === "ExternalName" || spec.clusterIP === "None" || !spec.selector;
  if (hasNoPods) return READY;
  const endpoints: Properties[] = related.flatMap((slice) => slice.endpoints ?? []);
  const serving = endpoints.filter(({ conditions }) => conditions?.ready !== false).length;
  const pending = endpoints.filter(
    ({ conditions }) => conditions?.ready === false && !conditions.terminating,
  ).length;
  if (pending > 0) return waiting(`${serving}/${serving + pending} pods ready`);
  if (serving > 0 || waitedMs >= SETTLE_MS) return READY;
  return {
    state: "waiting",
    message: "looks for pods that its selector matches",
    againMs: SETTLE_MS - waitedMs,
  };
}
