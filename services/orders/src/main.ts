import { readConfig } from "./config";
import { createLogger } from "./log";
import { OrderStore } from "./order-store";
import { registerOrders } from "./orders";
import { PaymentsClient } from "./payments-client";
import { RedisConnection } from "./redis";
import { createServer } from "./server";
import { defaultTiming, ServiceClient } from "./service-client";
import { UsersClient } from "./users-client";

/** With the store's deadlines on top it stays below the time that a stopping container has. */
const callBudgetMs = 5_000;

const log = createLogger("orders");

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const redis = new RedisConnection(config.redis, log);
  const { app, drain } = createServer(log, redis);
  registerOrders(app, {
    store: new OrderStore(redis),
    users: new UsersClient(new ServiceClient("users", config.usersUrl, defaultTiming)),
    payments: new PaymentsClient(new ServiceClient("payments", config.paymentsUrl, defaultTiming)),
    callBudgetMs,
  });

  const leave = async (signal: string) => {
    log.info({ signal }, "draining");
    await drain.finish();
    redis.stop();
    log.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void leave(signal));

  redis.start();
  await app.listen({ host: "0.0.0.0", port: config.port });
}

main().catch((error: Error) => {
  log.fatal(error.message);
  process.exit(1);
});
