import { readFileSync } from "node:fs";
import { z } from "zod";

function urlLike(example: string, protocol: RegExp) {
  return z.url({ protocol, error: `must be a URL such as ${example}` });
}

const environmentSchema = z.object({
  PORT: z.coerce.number("must be a port, for example 8080").int().min(1).max(65535).default(8080),
  USERS_URL: urlLike("http://127.0.0.1:15001", /^https?$/),
  PAYMENTS_GRPC_URL: urlLike("grpc://127.0.0.1:15002", /^grpc$/),
  REDIS_URL: urlLike("redis://127.0.0.1:6379", /^rediss?$/),
  REDIS_PASSWORD_FILE: z.string().optional(),
});

/** What the environment says; the README of the service has the table. */
export interface Config {
  port: number;
  usersUrl: string;
  paymentsGrpcUrl: string;
  redis: { url: string; password?: string };
}

/** Reads the environment once, at the start; throws an error that names the variable. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const result = environmentSchema.safeParse(environment);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`The environment is not usable: ${problems.join("; ")}.`);
  }
  const { PORT, USERS_URL, PAYMENTS_GRPC_URL, REDIS_URL, REDIS_PASSWORD_FILE } = result.data;
  return {
    port: PORT,
    usersUrl: USERS_URL,
    paymentsGrpcUrl: PAYMENTS_GRPC_URL,
    redis: {
      url: REDIS_URL,
      password: REDIS_PASSWORD_FILE ? readFileSync(REDIS_PASSWORD_FILE, "utf8").trimEnd() : undefined,
    },
  };
}
