import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

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
