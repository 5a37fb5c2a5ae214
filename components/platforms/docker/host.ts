import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ImageHost } from "../shared/images";

/** What all parts of a Docker platform share. */
export interface DockerHost extends ImageHost {
  /** Starts every Docker name of the stack, e.g. `flotilla-shop-dev`. */
  readonly prefix: string;
  readonly network: pulumi.Input<string>;
  readonly agentImage: pulumi.Input<string>;
  /** Volume with the agent's binary, mounted at `/.flotilla`. */
  readonly agentVolume: pulumi.Input<string>;
  /** Address of the host on which public ports are opened. */
  readonly publishAddress: string;
  /** Labels that tell whose a Docker object is, with further ones. */
  labels(more?: Record<string, pulumi.Input<string>>): docker.types.input.ContainerLabel[];
  /** Short name of a value's content that tells nothing of it, also where it is a secret. */
  digest(value: pulumi.Input<unknown>): pulumi.Output<string>;
  /** Options of a resource of this platform, so that nothing lands on another daemon. */
  options(parent: pulumi.Resource, more?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions;
}

/** The stack as labels write it: `<project>/<stack>`. */
export function stackLabel(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}
