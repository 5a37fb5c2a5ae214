import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { ApiError } from "./errors";
import { hashPassword } from "./password";
import type { UserStore } from "./user-store";
import { validate } from "./validation";

const newUser = z.object({
  name: z.string().trim().min(1).max(100),
  email: z.string().max(254).pipe(z.email("must be an e-mail address such as ada@example.com")),
  password: z.string().min(8).max(128),
});

/** The routes of the service. */
export function registerUsers(app: FastifyInstance, store: UserStore): void {
  app.post("/users", async (request, reply) => {
    const { name, email, password } = validate(newUser, request.body);
    const id = randomUUID();
    if (!(await store.create({ id, name, email }, await hashPassword(password)))) {
      throw new ApiError(409, "email_taken", "email is taken by another user", { field: "email" });
    }
    return reply.status(201).header("location", `/users/${id}`).send({ id });
  });

  app.get<{ Params: { id: string } }>("/users/:id", async (request) => {
    const user = await store.find(request.params.id);
    if (user === undefined) throw new ApiError(404, "not_found", "There is no user with this id.");
    return user;
  });
}
