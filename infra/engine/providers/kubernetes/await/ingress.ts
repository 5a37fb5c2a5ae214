import { type Awaiter, READY, waiting } from "./awaiter";

/** The cluster's ingress controller has given it an address. */
export const ingressAwaiter: Awaiter = {
  judge: ({ live }) =>
    live.status?.loadBalancer?.ingress?.length
      ? READY
      : waiting("waits for an ingress controller to give it an address"),
};
