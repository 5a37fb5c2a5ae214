/** What `flotilla:settings` of a Kubernetes stack may say; the program and the command line both read it. */
import { z } from "zod";
import { architectureSchema } from "./architecture";
import { contextName, places } from "./setup/cluster/places";

const named = z.strictObject({
  /** Path of a kubeconfig. */
  kubeconfig: z.string().min(1).optional(),
  /** Name of one of its contexts. */
  context: z.string().min(1),
});

const whichCluster =
  'must say which cluster, as the current context is never used unasked. Write "local" for the one that ' +
  '"npm run cluster" starts, {"context":"NAME"}, or {"kubeconfig":"PATH","context":"NAME"}';

const whereImages =
  'must say how the cluster gets the images that are built here. Write {"push":"registry.example.com/shop"}, ' +
  'or {"load":["minikube","image","load","-"]} for a command that reads what "docker save" writes';

/** To an image registry and folder; the password is `flotilla:imageRegistryPassword`. */
const pushed = z.strictObject({ push: z.string().min(1), username: z.string().optional() });

/** By a program and its arguments. */
const loaded = z.strictObject({ load: z.array(z.string()).min(1) });

const controller = { address: z.string().optional(), controllerNamespace: z.string().optional() };

/** A name alone takes every default; `KubernetesPlatformArgs.expose` tells what the details mean. */
const expose = z.union([
  z.enum(["load-balancer", "node-port", "gateway-api", "ingress"]),
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("load-balancer") }),
    z.strictObject({ kind: z.literal("node-port"), address: z.string().optional() }),
    z.strictObject({ kind: z.literal("gateway-api"), gatewayClass: z.string().optional(), ...controller }),
    z.strictObject({ kind: z.literal("ingress"), ingressClass: z.string().optional(), ...controller }),
  ]),
]);

export const kubernetesSettings = z
  .strictObject({
    /** `"local"` (the one of `npm run cluster`), or a context of a kubeconfig; never the current one unasked. */
    cluster: z.union([z.literal("local"), named], { error: whichCluster }),
    /** How the cluster gets the images that are built here; not needed for the local one, into which they are loaded. */
    images: z.union([pushed, loaded], { error: whereImages }).optional(),
    /** How the gateway is reached from outside; for the local cluster a port of the node. */
    expose: expose.optional(),
    /** Port of the gateway; 30000 to 32767 for a port of the nodes. */
    httpPort: z.int().min(1).max(65535).optional(),
    /** Kind of registry, where this stack wants another one than the description. */
    registryKind: architectureSchema.shape.registry.shape.kind.optional(),
    /** Share of its CPU limit that a container is sure to get. */
    cpuRequestPercent: z.int().min(1).max(100).optional(),
    /** What the cluster itself refuses of a pod. */
    podSecurity: z.enum(["restricted", "baseline", "privileged"]).optional(),
    /** Of persistent volumes; else the cluster's default. */
    storageClass: z.string().optional(),
  })
  .refine(({ cluster, images }) => cluster === "local" || images !== undefined, {
    path: ["images"],
    error: whereImages,
  })
  .transform((settings) => {
    const way = settings.expose ?? (settings.cluster === "local" ? "node-port" : "load-balancer");
    const isNodePort = way === "node-port" || (typeof way === "object" && way.kind === "node-port");
    return { ...settings, expose: way, httpPort: settings.httpPort ?? (isNodePort ? 30080 : 80) };
  });

export type KubernetesSettings = z.output<typeof kubernetesSettings>;

/** The kubeconfig and the context that a stack's settings name. */
export function clusterOf({ cluster }: Pick<KubernetesSettings, "cluster">): z.output<typeof named> {
  return cluster === "local" ? { kubeconfig: places().kubeconfig, context: contextName } : cluster;
}
