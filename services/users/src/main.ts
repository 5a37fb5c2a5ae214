import { Admin } from "./admin";
import { readConfig } from "./config";
import { createLogger } from "./log";
import { RedisConnection } from "./redis";
import { createServer } from "./server";
import { Tokens } from "./tokens";
import { UserStore } from "./user-store";
import { registerUsers } from "./users";

const log = createLogger("users");

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const tokens = await Tokens.create(config.tokens);
  const redis = new RedisConnection(config.redis, log);
  const store = new UserStore(redis);
  const admin = config.admin && new Admin(store, config.admin.email, config.admin.password);
  const { app, drain } = createServer(log, async () => {
    await redis.requireReady();
    admin?.requireReady();
  });
  registerUsers(app, store, tokens);

  const leave = async (signal: string) => {
    log.info({ signal }, "draining");
    await drain.finish();
    redis.stop();
    log.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void leave(signal));

  redis.start();
  void admin?.ensure(log);
  await app.listen({ host: "0.0.0.0", port: config.port });
}

main().catch((error: Error) => {
  log.fatal(error.message);
  process.exit(1);
});
