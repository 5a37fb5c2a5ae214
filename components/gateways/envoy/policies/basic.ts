import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { BasicSpec } from "../../../policy-specs";
import type { Filter, Policy } from "../filter";
import { typed } from "../vocabulary";
import { CALLER_HEADER } from "./caller-header";
import { perWay } from "./ways";

/** Callers prove who they are by name and password: Envoy gets the passwords as hashes. */
export const basic: Policy = perWay("basic", filter);

function filter(name: string, { users }: BasicSpec): Filter {
  const lines = Object.entries(users).map(([user, { password }]) => {
    return pulumi
      .output(password)
      .apply((text) => `${user}:{SHA}${createHash("sha1").update(text).digest("base64")}`);
  });
  const config = typed("extensions.filters.http.basic_auth.v3.BasicAuth", {
    users: { inline_string: pulumi.all(lines).apply((all) => `${all.join("\n")}\n`) },
    forward_username_header: CALLER_HEADER,
  });
  return { name, config, on: "routes", secret: true };
}
