import type { CallContext } from "./calls";
import { ApiError } from "./errors";
import type { ServiceClient } from "./service-client";

/** What orders asks of the users service. */
export class UsersClient {
  constructor(private readonly client: ServiceClient) {}

  /** Throws the answer for the caller when the users service cannot say. */
  async exists(userId: string, context: CallContext): Promise<boolean> {
    try {
      // In the name of the user, who is the only one to whom users shows itself.
      const { status } = await this.client.get("/users/me", userId, context);
      if (status === 200) return true;
      if (status === 404) return false;
      throw new Error(`users: status ${status} is neither 200 nor 404`);
    } catch (cause) {
      throw new ApiError(503, "users_unavailable", "The user cannot be checked now. Try again in a moment.", {
        retryAfterSeconds: 1,
        cause,
      });
    }
  }
}
