/** AWS ECS as a target: `import { EcsPlatform } from "flotilla/ecs"`. */
export type { CapacityArgs, Ec2CapacityArgs } from "./capacity";
export type { ContainerInsights } from "./cluster";
export { EcsPlatform } from "./ecs-platform";
export type { EcsPlatformArgs } from "./ecs-platform-args";
export type { Egress } from "./egress";
export type { AlbArgs, ExposeArgs, NlbArgs } from "./expose";
export type { Architecture } from "./host";
export { keptFileSystem } from "./kept-file-system";
export type { ExistingNetworkArgs, NetworkArgs, OwnNetworkArgs } from "./network";
export type { RolloutArgs } from "./rollout";
export type { SecretStoreName } from "./secret-store";
export { EcsWorkload } from "./workload";
