import { z } from "zod";
import { sized } from "../units";
import { number, text } from "./terms";

const jwks = z
  .strictObject({
    service: text.optional(),
    port: text.optional(),
    path: text.optional(),
    url: text.optional(),
    inline: text.optional(),
  })
  .meta({ id: "JwksArgs" });

const jwt = sized({
  issuer: text,
  audiences: z.array(text).optional(),
  jwks,
  cacheSeconds: number.optional(),
  clockSkewSeconds: number.optional(),
  claimHeaders: z.record(text, text).optional(),
  rolesClaim: text.optional(),
  scopeClaim: text.optional(),
}).meta({ id: "JwtArgs" });

const callerSecret = (what: string) =>
  text.describe(`${what}; \`{{name}}\` stands for the secret of that name.`);

const user = z
  .strictObject({ password: callerSecret("Password"), roles: z.array(text).optional() })
  .meta({ id: "UserArgs" });

const client = z
  .strictObject({ key: callerSecret("Key"), roles: z.array(text).optional() })
  .meta({ id: "ClientArgs" });

const external = sized({
  service: text,
  port: text.optional(),
  pathPrefix: text.optional(),
  timeoutSeconds: number.optional(),
  requestHeaders: z.array(text).optional(),
  responseHeaders: z.array(text).optional(),
  callerHeader: text.optional(),
}).meta({ id: "ExternalArgs" });

export const authentication = z
  .strictObject({
    jwt: jwt.optional(),
    basic: z
      .strictObject({ users: z.record(text, user), callerHeader: text.optional() })
      .meta({ id: "BasicArgs" })
      .optional(),
    apiKey: z
      .strictObject({
        clients: z.record(text, client),
        header: text.optional(),
        callerHeader: text.optional(),
      })
      .meta({ id: "ApiKeyArgs" })
      .optional(),
    external: external.optional(),
  })
  .meta({ id: "AuthenticationArgs" });

export const authorization = z
  .strictObject({
    roles: z.array(text).optional(),
    scopes: z.array(text).optional(),
    claims: z.record(text, text).optional(),
  })
  .meta({ id: "AuthorizationArgs" });
