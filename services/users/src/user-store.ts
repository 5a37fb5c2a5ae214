import type { RedisConnection } from "./redis";

export interface User {
  id: string;
  name: string;
  email: string;
}

// One step, so that no crash can leave an address taken without its user.
const createScript = `
if redis.call('SETNX', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[2], 'name', ARGV[2], 'email', ARGV[3], 'passwordHash', ARGV[4])
return 1`;

/** Users in Redis: a hash for each user, and a key for each e-mail address that is taken. */
export class UserStore {
  constructor(private readonly redis: RedisConnection) {}

  /** Stores a new user; returns false when the e-mail address is taken, whatever its case. */
  async create(user: User, passwordHash: string): Promise<boolean> {
    const keys = [`users:email:${user.email.toLowerCase()}`, `users:user:${user.id}`];
    const created = await this.redis.run((client) =>
      client.eval(createScript, { keys, arguments: [user.id, user.name, user.email, passwordHash] }),
    );
    return created === 1;
  }

  async find(id: string): Promise<User | undefined> {
    const [name, email] = await this.redis.run((client) =>
      client.hmGet(`users:user:${id}`, ["name", "email"]),
    );
    return name && email ? { id, name, email } : undefined;
  }
}
