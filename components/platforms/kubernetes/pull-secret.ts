import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import * as pulumi from "@pulumi/pulumi";
import type { ImageCredentials } from "../../platform";
import type { KubernetesHost } from "./host";

/** Credentials with which the nodes pull from an image registry. */
export function pullSecret(
  host: KubernetesHost,
  name: string,
  { address, username, password }: ImageCredentials,
  parent: pulumi.Resource,
): Secret {
  const own = `${name}-pull`;
  const config = pulumi.all([username, password]).apply(([user, secret]) => {
    const auth = base64(`${user}:${secret}`);
    return base64(JSON.stringify({ auths: { [address]: { username: user, password: secret, auth } } }));
  });
  return new Secret(
    own,
    {
      metadata: host.metadata(own),
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": pulumi.secret(config) },
    },
    host.options(parent),
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
