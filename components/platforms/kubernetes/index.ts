/** Kubernetes as a target: `import { KubernetesPlatform } from "flotilla/kubernetes"`. */
export type { ImagesArgs } from "./image-delivery";
export { KubernetesPlatform, type KubernetesPlatformArgs } from "./kubernetes-platform";
export { KubernetesWorkload } from "./workload";
