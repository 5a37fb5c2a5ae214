import { createHmac } from "node:crypto";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** What all parts of a Docker platform share. */
export interface DockerHost {
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

/** Digest under a key that only this stack knows: of a guessable secret, it says no more than a random name. */
export function keyedDigest(key: pulumi.Output<string>, value: pulumi.Input<unknown>): pulumi.Output<string> {
  const digest = pulumi.all([key, pulumi.output(value)]).apply(([secret, content]) => {
    return createHmac("sha256", secret).update(canonical(content)).digest("hex").slice(0, 12);
  });
  return pulumi.unsecret(digest);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member) => {
    const plain = member !== null && typeof member === "object" && !Array.isArray(member);
    return plain ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member;
  });
}
