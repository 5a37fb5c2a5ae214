import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { ApiError } from "./errors";
import { hashPassword, isPassword } from "./password";
import type { UserStore } from "./user-store";

const role = "admin";
const pauseMs = 1_000;

/** The administrator's account: made at the first start, and with the password that the deployment says ever after. */
export class Admin {
  #isThere = false;

  constructor(
    private readonly store: UserStore,
    private readonly email: string,
    private readonly password: string,
  ) {}

  /** Returns once the account is there, which takes until Redis is. */
  async ensure(log: Logger): Promise<void> {
    while (!this.#isThere) {
      try {
        if (await this.#make()) log.info("the administrator's account is made");
        this.#isThere = true;
      } catch (error) {
        // That Redis is away was logged by the connection.
        if (!(error instanceof ApiError))
          log.error({ err: error }, "the administrator's account cannot be made");
        await sleep(pauseMs, undefined, { ref: false });
      }
    }
  }

  /** Throws the answer for the caller as long as the account is not there. */
  requireReady(): void {
    if (!this.#isThere) throw new ApiError(503, "starting", "This instance has not started yet.");
  }

  /** Any replica may do it at any time, even two at once. Returns whether something had to be done. */
  async #make(): Promise<boolean> {
    const account = await this.store.findAccount(this.email);
    const isPasswordKept = await isPassword(this.password, account?.passwordHash);
    if (isPasswordKept && account?.roles.includes(role)) return false;
    const user = { id: randomUUID(), name: "Administrator", email: this.email };
    await this.store.replace(user, { passwordHash: await hashPassword(this.password), roles: [role] });
    return true;
  }
}
