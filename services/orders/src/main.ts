import { defaultTiming } from "./calls";
import { readConfig } from "./config";
import { createLogger } from "./log";
import { OrderStore } from "./order-store";
import { registerOrders } from "./orders";
import { PaymentsClient } from "./payments-client";
import { Recovery } from "./recovery";
import { RedisConnection } from "./redis";
import { createServer } from "./server";
import { ServiceClient } from "./service-client";
import { Settlement } from "./settlement";
import { UsersClient } from "./users-client";

/** With the store's deadlines on top it stays below the time that a stopping container has. */
const callBudgetMs = 5_000;
/** Longer than whoever has an order needs, with all calls and the store's deadlines. */
const leaseMs = 10_000;

const log = createLogger("orders");

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const redis = new RedisConnection(config.redis, log);
  const { app, drain } = createServer(log, () => redis.requireReady());
  const store = new OrderStore(redis, leaseMs);
  const payments = new PaymentsClient(config.paymentsGrpcUrl, defaultTiming);
  const settlement = new Settlement(store, payments);
  const users = new UsersClient(new ServiceClient("users", config.usersUrl, defaultTiming));
  registerOrders(app, { store, users, settlement, callBudgetMs });
  const recovery = new Recovery(store, settlement, callBudgetMs, log);

  const leave = async (signal: string) => {
    log.info({ signal }, "draining");
    await Promise.all([drain.finish(), recovery.stop()]);
    payments.close();
    redis.stop();
    log.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void leave(signal));

  redis.start();
  recovery.start();
  await app.listen({ host: "0.0.0.0", port: config.port });
}

main().catch((error: Error) => {
  log.fatal(error.message);
  process.exit(1);
});
