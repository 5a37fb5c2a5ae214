import { readFileSync } from "node:fs";
import { z } from "zod";

const keyProblem = "must be the path of a private key in PEM";

const environmentSchema = z
  .object({
    PORT: z.coerce.number("must be a port, for example 8080").int().min(1).max(65535).default(8080),
    REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a URL such as redis://127.0.0.1:6379" }),
    REDIS_PASSWORD_FILE: z.string().optional(),
    SIGNING_KEY_FILE: z.string(keyProblem).min(1, keyProblem),
    TOKEN_ISSUER: z.string().min(1).default("users"),
    TOKEN_AUDIENCE: z.string().min(1).default("shop"),
    TOKEN_LIFETIME_SECONDS: z.coerce
      .number("must be a number of seconds, for example 3600")
      .int()
      .min(60)
      .max(86_400)
      .default(3_600),
    ADMIN_EMAIL: z.email("must be an e-mail address such as admin@example.com").optional(),
    ADMIN_PASSWORD_FILE: z.string().optional(),
  })
  .refine((known) => (known.ADMIN_EMAIL === undefined) === (known.ADMIN_PASSWORD_FILE === undefined), {
    path: ["ADMIN_EMAIL"],
    error: "goes with ADMIN_PASSWORD_FILE, and not without it",
  });

/** What the environment says; the README of the service has the table. */
export interface Config {
  port: number;
  redis: { url: string; password?: string };
  tokens: { privateKeyPem: string; issuer: string; audience: string; lifetimeSeconds: number };
  /** Undefined: there is no administrator. */
  admin?: { email: string; password: string };
}

/** Reads the environment once, at the start; throws an error that names the variable. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const result = environmentSchema.safeParse(environment);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`The environment is not usable: ${problems.join("; ")}.`);
  }
  const known = result.data;
  return {
    port: known.PORT,
    redis: {
      url: known.REDIS_URL,
      password: known.REDIS_PASSWORD_FILE ? readSecret(known.REDIS_PASSWORD_FILE) : undefined,
    },
    tokens: {
      privateKeyPem: readSecret(known.SIGNING_KEY_FILE),
      issuer: known.TOKEN_ISSUER,
      audience: known.TOKEN_AUDIENCE,
      lifetimeSeconds: known.TOKEN_LIFETIME_SECONDS,
    },
    admin:
      known.ADMIN_EMAIL && known.ADMIN_PASSWORD_FILE
        ? { email: known.ADMIN_EMAIL, password: readSecret(known.ADMIN_PASSWORD_FILE) }
        : undefined,
  };
}

function readSecret(file: string): string {
  return readFileSync(file, "utf8").trimEnd();
}
