import type { Order, OrderStatus } from "./order";
import type { RedisConnection } from "./redis";

function keyOf(id: string): string {
  return `orders:order:${id}`;
}

/** Orders in Redis: a hash for each, its status in a field of its own so that it changes in one step. */
export class OrderStore {
  constructor(private readonly redis: RedisConnection) {}

  async create({ status, ...content }: Order): Promise<void> {
    const fields = { status, content: JSON.stringify(content) };
    await this.redis.run((client) => client.hSet(keyOf(content.id), fields));
  }

  async setStatus(id: string, status: OrderStatus): Promise<void> {
    await this.redis.run((client) => client.hSet(keyOf(id), { status }));
  }

  async find(id: string): Promise<Order | undefined> {
    const [status, content] = await this.redis.run((client) =>
      client.hmGet(keyOf(id), ["status", "content"]),
    );
    return status && content ? { ...JSON.parse(content), status } : undefined;
  }
}
