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

/** One step, so that no crash leaves a key without its order, or an order that nobody would settle or find. */
const createScript = `${now}
local earlier = KEYS[4] and redis.call('GET', KEYS[4])
if earlier then return earlier end
if KEYS[4] then redis.call('SET', KEYS[4], ARGV[1], 'EX', ARGV[4]) end
redis.call('HSET', KEYS[1], 'status', 'payment_pending', 'content', ARGV[2])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
-- In microseconds, and as text: Lua would round the number.
redis.call('ZADD', KEYS[3], time[1] .. string.format('%06d', time[2]), ARGV[1])
return ARGV[1]
`;

/** The ids behind one of a sorted set, or from its start, the newest first. */
const pageScript = `
local start = 0
if ARGV[1] ~= '' then
  local rank = redis.call('ZREVRANK', KEYS[1], ARGV[1])
  if not rank then return {} end
  start = rank + 1
end
return redis.call('ZREVRANGE', KEYS[1], start, start + ARGV[2] - 1)
`;

const takeScript = `${now}
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], id) end
return due
`;

function orderKey(id: string): string {
  return `orders:order:${id}`;
}

/** Of one user: an id has no colon, so no two users come to the same key. */
function idempotencyKey(userId: string, key: string): string {
  return `orders:key:${userId}:${key}`;
}

function userKey(userId: string): string {
  return `orders:user:${userId}`;
}

/** Orders in Redis: a hash for each, its status in a field of its own so that it changes in one step. */
export class OrderStore {
  /** Whoever makes or takes an order has it to itself for `leaseMs`; whatever is pending after that was left behind. */
  constructor(
    private readonly redis: RedisConnection,
    private readonly leaseMs: number,
  ) {}

  /** Keeps a pending order, or returns the earlier one that its user made with the same key. */
  async create(order: Order, key: string | undefined): Promise<Order> {
    const { status, ...content } = order;
    const { id, userId } = order;
    const given = key === undefined ? [] : [idempotencyKey(userId, key)];
    const keys = [orderKey(id), pendingKey, userKey(userId), ...given];
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

  async findByKey(userId: string, key: string): Promise<Order | undefined> {
    const id = await this.redis.run((client) => client.get(idempotencyKey(userId, key)));
    return id === null ? undefined : this.find(id);
  }

  /** At most `count` orders of a user, the newest first; only older ones than `before`, where that is given. */
  async ofUser(userId: string, count: number, before = ""): Promise<Order[]> {
    return this.#findAll(await this.#run(pageScript, [userKey(userId)], [before, String(count)]));
  }

  /** Takes at most `count` pending orders that whoever had them left behind. */
  async takeLeftBehind(count: number): Promise<Order[]> {
    return this.#findAll(await this.#run(takeScript, [pendingKey], [String(count), String(this.leaseMs)]));
  }

  /** Keeps what the payment came to. */
  async settle(id: string, status: OrderStatus): Promise<void> {
    await this.redis.run((client) =>
      client.multi().hSet(orderKey(id), { status }).zRem(pendingKey, id).exec(),
    );
  }

  async #findAll(ids: unknown): Promise<Order[]> {
    const orders = await Promise.all((ids as string[]).map((id) => this.find(id)));
    return orders.filter((order) => order !== undefined);
  }

  #run(script: string, keys: string[], values: string[]): Promise<unknown> {
    return this.redis.run((client: RedisClient) => client.eval(script, { keys, arguments: values }));
  }
}
