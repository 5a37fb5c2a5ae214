import type { Order, OrderStatus } from "./order";
import type { RedisClient, RedisConnection } from "./redis";

/** For how long after its creation an order is found by the `Idempotency-Key` that it was asked for with. */
const keyTtlSeconds = 24 * 60 * 60;
/** Orders that nobody has settled yet, by the time (of Redis, in ms) from which anybody may take them. */
const pendingKey = "orders:pending";

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** One step, so that no crash leaves a key without its order, or an order that nobody would settle. */
const createScript = `${now}
local earlier = KEYS[3] and redis.call('GET', KEYS[3])
if earlier then return earlier end
if KEYS[3] then redis.call('SET', KEYS[3], ARGV[1], 'EX', ARGV[4]) end
redis.call('HSET', KEYS[1], 'status', 'payment_pending', 'content', ARGV[2])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
return ARGV[1]
`;

const takeScript = `${now}
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], id) end
return due
`;

function orderKey(id: string): string {
  return `orders:order:${id}`;
}

function idempotencyKey(key: string): string {
  return `orders:key:${key}`;
}

/** Orders in Redis: a hash for each, its status in a field of its own so that it changes in one step. */
export class OrderStore {
  /** Whoever makes or takes an order has it to itself for `leaseMs`; whatever is pending after that was left behind. */
  constructor(
    private readonly redis: RedisConnection,
    private readonly leaseMs: number,
  ) {}

  /** Keeps a pending order, or returns the earlier one that was made with the same key. */
  async create(order: Order, key: string | undefined): Promise<Order> {
    const { status, ...content } = order;
    const keys = [orderKey(order.id), pendingKey, ...(key === undefined ? [] : [idempotencyKey(key)])];
    const values = [order.id, JSON.stringify(content), String(this.leaseMs), String(keyTtlSeconds)];
    const holder = await this.#run(createScript, keys, values);
    return holder === order.id ? order : (await this.find(String(holder)))!;
  }

  async find(id: string): Promise<Order | undefined> {
    const [status, content] = await this.redis.run((client) =>
      client.hmGet(orderKey(id), ["status", "content"]),
    );
    return status && content ? { ...JSON.parse(content), status } : undefined;
  }

  async findByKey(key: string): Promise<Order | undefined> {
    const id = await this.redis.run((client) => client.get(idempotencyKey(key)));
    return id === null ? undefined : this.find(id);
  }

  /** Takes at most `count` pending orders that whoever had them left behind. */
  async takeLeftBehind(count: number): Promise<Order[]> {
    const ids = await this.#run(takeScript, [pendingKey], [String(count), String(this.leaseMs)]);
    const orders = await Promise.all((ids as string[]).map((id) => this.find(id)));
    return orders.filter((order) => order !== undefined);
  }

  /** Keeps what the payment came to. */
  async settle(id: string, status: OrderStatus): Promise<void> {
    await this.redis.run((client) =>
      client.multi().hSet(orderKey(id), { status }).zRem(pendingKey, id).exec(),
    );
  }

  #run(script: string, keys: string[], values: string[]): Promise<unknown> {
    return this.redis.run((client: RedisClient) => client.eval(script, { keys, arguments: values }));
  }
}
