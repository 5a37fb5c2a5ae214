/** Kubernetes as a target: `import { KubernetesPlatform } from "flotilla/kubernetes"`. */
export type {
  ControllerArgs,
  ExposeArgs,
  ExposeKind,
  GatewayApiArgs,
  IngressArgs,
  LoadBalancerArgs,
  NodePortArgs,
} from "./expose";
export type { PodSecurity } from "./host";
export type { ImagesArgs, LoadedImagesArgs, PushedImagesArgs } from "./image-delivery";
export { KubernetesPlatform, type KubernetesPlatformArgs } from "./kubernetes-platform";
export { KubernetesWorkload } from "./workload";
