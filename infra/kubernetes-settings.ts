/** What `flotilla:settings` of a Kubernetes stack may say; the program and the command line both read it. */
import { z } from "zod";
import { architectureSchema } from "./architecture";
import { contextName, places } from "./setup/cluster/places";

const cluster = z.union([
  z.literal("local"),
  z.strictObject({
    /** Path of a kubeconfig, from the project's folder. */
    kubeconfig: z.string().optional(),
    /** Name of one of its contexts; never the current one unasked. */
    context: z.string(),
  }),
]);

const port = z.int().min(1).max(65535);

export const kubernetesSettings = z.strictObject({
  /** `"local"`: the one of `npm run cluster`. */
  cluster: z.custom<z.infer<typeof cluster>>((value) => cluster.safeParse(value).success, {
    error:
      'must say which cluster: write "local" for the one that "npm run cluster" starts, ' +
      'or {context: "NAME"} and, for another file than your own, {kubeconfig: "PATH", context: "NAME"}',
  }),
  /** Repository for images that are built here, e.g. `"registry.example.com/shop"`; needed unless the cluster is local. */
  images: z.strictObject({ push: z.string(), username: z.string().optional() }).optional(),
  /** How the gateway is reached from outside. */
  expose: z.enum(["node-port", "load-balancer", "gateway-api", "ingress"]).optional(),
  /** Port of the gateway. */
  httpPort: port.default(30080),
  /** Kind of registry, where this stack wants another one than the description. */
  registryKind: architectureSchema.shape.registry.shape.kind.optional(),
  /** Part of a CPU limit that is reserved. */
  cpuRequestPercent: z.int().min(1).max(100).optional(),
  podSecurity: z.enum(["restricted", "baseline", "privileged"]).optional(),
  /** Of persistent volumes; else the cluster's default. */
  storageClass: z.string().optional(),
});

export type KubernetesSettings = z.output<typeof kubernetesSettings>;

/** The kubeconfig and the context that a stack's settings name. */
export function clusterOf({ cluster }: Pick<KubernetesSettings, "cluster">): {
  kubeconfig?: string;
  context: string;
} {
  return cluster === "local" ? { kubeconfig: places().kubeconfig, context: contextName } : cluster;
}
