import type { RedisConnection } from "./redis";

export interface User {
  id: string;
  name: string;
  email: string;
}

/** What a user logs in by. */
export interface Account {
  id: string;
  passwordHash: string;
  roles: string[];
}

// One step, so that no crash can leave an address taken without its user.
const createScript = `
if redis.call('SETNX', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[2], 'name', ARGV[2], 'email', ARGV[3], 'passwordHash', ARGV[4])
return 1`;

function emailKey(email: string): string {
  return `users:email:${email.toLowerCase()}`;
}

function userKey(id: string): string {
  return `users:user:${id}`;
}

/** Users in Redis: a hash for each user, and a key for each e-mail address that is taken. */
export class UserStore {
  constructor(private readonly redis: RedisConnection) {}

  /** Stores a new user; returns false when the e-mail address is taken, whatever its case. */
  async create(user: User, passwordHash: string): Promise<boolean> {
    const keys = [emailKey(user.email), userKey(user.id)];
    const created = await this.redis.run((client) =>
      client.eval(createScript, { keys, arguments: [user.id, user.name, user.email, passwordHash] }),
    );
    return created === 1;
  }

  async find(id: string): Promise<User | undefined> {
    const [name, email] = await this.redis.run((client) => client.hmGet(userKey(id), ["name", "email"]));
    return name && email ? { id, name, email } : undefined;
  }

  async findAccount(email: string): Promise<Account | undefined> {
    const id = await this.redis.run((client) => client.get(emailKey(email)));
    // Asked for in any case, so that the time does not tell whether there is one.
    const [passwordHash, roles] = await this.redis.run((client) =>
      client.hmGet(userKey(id ?? "none"), ["passwordHash", "roles"]),
    );
    return id && passwordHash ? { id, passwordHash, roles: roles ? roles.split(",") : [] } : undefined;
  }

  /** Makes this the account of its address, whoever had it; of many at the same time all come to one user. */
  async replace(user: User, { passwordHash, roles }: Omit<Account, "id">): Promise<void> {
    const { name, email } = user;
    await this.redis.run(async (client) => {
      const id = (await client.set(emailKey(email), user.id, { condition: "NX", GET: true })) ?? user.id;
      await client.hSet(userKey(id), { name, email, passwordHash, roles: roles.join(",") });
    });
  }
}
