import { readFileSync } from "node:fs";
import { z } from "zod";

function serviceUrl(example: string) {
  return z.url({ protocol: /^https?$/, error: `must be a URL such as ${example}` });
}

const environmentSchema = z.object({
  PORT: z.coerce.number("must be a port, for example 8080").int().min(1).max(65535).default(8080),
  USERS_URL: serviceUrl("http://127.0.0.1:15001"),
  PAYMENTS_URL: serviceUrl("http://127.0.0.1:15002"),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a URL such as redis://127.0.0.1:6379" }),
  REDIS_PASSWORD_FILE: z.string().optional(),
});

/** What the environment says; the README of the service has the table. */
export interface Config {
  port: number;
  usersUrl: string;
  paymentsUrl: string;
  redis: { url: string; password?: string };
}

/** Reads the environment once, at the start; throws an error that names the variable. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const result = environmentSchema.safeParse(environment);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`The environment is not usable: ${problems.join("; ")}.`);
  }
  const { PORT, USERS_URL, PAYMENTS_URL, REDIS_URL, REDIS_PASSWORD_FILE } = result.data;
  return {
    port: PORT,
    usersUrl: USERS_URL,
    paymentsUrl: PAYMENTS_URL,
    redis: {
      url: REDIS_URL,
      password: REDIS_PASSWORD_FILE ? readFileSync(REDIS_PASSWORD_FILE, "utf8").trimEnd() : undefined,
    },
  };
}
