/** Every target that the command line knows, under the name that `flotilla:target` has. */
import { dockerTarget } from "../docker/docker-target";
import { ecsTarget } from "../ecs/ecs-target";
import { UserError } from "../errors";
import { kubernetesTarget } from "../kubernetes/kubernetes-target";
import type { Target } from "./target";

const targets: Record<string, Target> = {
  docker: dockerTarget,
  kubernetes: kubernetesTarget,
  ecs: ecsTarget,
};

/** The target of a name; a stack without configuration can only have been on Docker. */
export function targetOf(name = "docker"): Target {
  if (!Object.hasOwn(targets, name)) {
    const known = Object.keys(targets).join(", ");
    throw new UserError(`flotilla:target is "${name}". Write one of ${known}.`);
  }
  return targets[name]!;
}
