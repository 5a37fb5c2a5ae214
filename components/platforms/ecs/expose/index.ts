import type * as pulumi from "@pulumi/pulumi";
import type { Exposed, Listener } from "../../../platform";
import { Problems } from "../../../problems";
import type { EcsHost } from "../host";
import type { EcsWorkload } from "../workload";
import { alb } from "./alb";
import { checkListeners } from "./check-listeners";
import { type AlbArgs, type ExposeArgs, longForm, type NlbArgs } from "./expose-args";
import { nlb } from "./nlb";

export type { AlbArgs, ExposeArgs, NlbArgs } from "./expose-args";
export { checkExpose } from "./expose-args";

type Door<A> = (
  host: EcsHost,
  name: string,
  workload: EcsWorkload,
  listeners: Listener[],
  args: A,
  parent: pulumi.Resource,
) => Exposed;

const DOORS: { alb: Door<AlbArgs>; nlb: Door<NlbArgs> } = { alb, nlb };

/** How many proxies of AWS are between clients and a workload. */
export function proxiesOf(args: ExposeArgs): number {
  return longForm(args).kind === "alb" ? 1 : 0;
}

/** Puts a load balancer in front of a workload. */
export function exposed(
  host: EcsHost,
  name: string,
  workload: EcsWorkload,
  listeners: Listener[],
  args: ExposeArgs,
  parent: pulumi.Resource,
): Exposed {
  const long = longForm(args);
  const problems = new Problems(`Gateway "${name}"`);
  checkListeners(problems, listeners, long);
  problems.throwIfAny();
  return (DOORS[long.kind] as Door<AlbArgs | NlbArgs>)(host, name, workload, listeners, long, parent);
}
