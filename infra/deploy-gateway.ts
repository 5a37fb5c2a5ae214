/** A described gateway as the class takes it: secrets and files in place of what refers to them. */
import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { AuthenticationArgs, TlsArgs } from "../components";
import type { Architecture } from "./architecture";

type Described = Architecture["gateway"];
type Filled = (content: string) => pulumi.Output<string>;

/** Its authentication and TLS. */
export function gatewaySecrets(
  { authentication, tls }: Described,
  filled: Filled,
): { authentication?: Record<string, AuthenticationArgs>; tls?: TlsArgs } {
  return {
    authentication: authentication && mapped(authentication, (way) => filledWay(way, filled)),
    tls: tls && tlsArgs(tls),
  };
}

function filledWay(
  way: NonNullable<Described["authentication"]>[string],
  filled: Filled,
): AuthenticationArgs {
  const { basic, apiKey, ...others } = way;
  const users = basic && mapped(basic.users, (user) => ({ ...user, password: filled(user.password) }));
  const clients = apiKey && mapped(apiKey.clients, (client) => ({ ...client, key: filled(client.key) }));
  return {
    ...others,
    ...(users === undefined ? {} : { basic: { ...basic, users } }),
    ...(clients === undefined ? {} : { apiKey: { ...apiKey, clients } }),
  };
}

function tlsArgs({ certificateFile, privateKeyFile, ...others }: NonNullable<Described["tls"]>): TlsArgs {
  if (certificateFile === undefined || privateKeyFile === undefined) {
    return others;
  }
  const privateKey = pulumi.secret(fs.readFileSync(privateKeyFile, "utf8"));
  return { ...others, certificate: fs.readFileSync(certificateFile, "utf8"), privateKey };
}

function mapped<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
