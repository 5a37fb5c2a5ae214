import type { Listener } from "../../../platform";
import type { Problems } from "../../../problems";
import type { AlbArgs, NlbArgs } from "./expose-args";

/** Records what a load balancer cannot do for a gateway. */
export function checkListeners(problems: Problems, listeners: Listener[], args: AlbArgs | NlbArgs): void {
  for (const { port, protocol } of listeners) {
    if (protocol === "tcp" && args.kind === "alb") {
      const rule = "cannot be served on ECS by an alb, which speaks HTTP only";
      problems.add("tcp", rule, port, 'Write expose: "nlb" for the platform.');
    }
    if (protocol === "https" && args.kind === "alb") {
      const rule = "cannot be served on ECS by an alb, which ends TLS itself";
      const fix = 'Take it out and give expose a certificateArn, or write expose: "nlb" for the platform.';
      problems.add("tls", rule, port, fix);
    }
    if (protocol === "https" && args.kind === "nlb" && args.certificateArn !== undefined) {
      const rule =
        "cannot be served beside expose.certificateArn, with which the load balancer ends TLS itself";
      problems.add("tls", rule, port, "Take one of the two out.");
    }
  }
}
