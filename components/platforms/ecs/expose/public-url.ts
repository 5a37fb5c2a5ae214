import * as pulumi from "@pulumi/pulumi";
import type { EcsWorkload } from "../workload";

/** The address without the port that its scheme stands for. */
export function publicUrl(
  scheme: "http" | "https",
  hostname: pulumi.Output<string>,
  port: number,
): pulumi.Output<string> {
  const own = port === (scheme === "http" ? 80 : 443) ? "" : `:${port}`;
  return pulumi.interpolate`${scheme}://${hostname}${own}`;
}

/** The number of a workload's port. */
export function portOf({ name, spec }: EcsWorkload, port: string): number {
  const found = spec.ports.find((one) => one.name === port);
  if (found === undefined) {
    const known = spec.ports.map((one) => one.name).join(", ");
    throw new pulumi.RunError(`Workload "${name}": it has no port "${port}". Known are ${known || "none"}.`);
  }
  return found.port;
}
