/** Local Docker as a target: `import { DockerPlatform } from "flotilla/docker"`. */
export { DockerPlatform, type DockerPlatformArgs } from "./docker-platform";
export { DockerReplica } from "./replica";
export { DockerWorkload } from "./workload";
