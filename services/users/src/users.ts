import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { callerOf } from "./caller";
import { ApiError } from "./errors";
import { hashPassword, isPassword } from "./password";
import type { Tokens } from "./tokens";
import type { User, UserStore } from "./user-store";
import { validate } from "./validation";

const password = z.string().max(128);

const newUser = z.object({
  name: z.string().trim().min(1).max(100),
  email: z.string().max(254).pipe(z.email("must be an e-mail address such as ada@example.com")),
  password: password.min(8),
});

const credentials = z.object({ email: z.string().max(254), password });

/** The routes of the service. */
export function registerUsers(app: FastifyInstance, store: UserStore, tokens: Tokens): void {
  app.post("/users", async (request, reply) => {
    const { name, email, password } = validate(newUser, request.body);
    const id = randomUUID();
    if (!(await store.create({ id, name, email }, await hashPassword(password)))) {
      throw new ApiError(409, "email_taken", "email is taken by another user", { field: "email" });
    }
    return reply.status(201).header("location", `/users/${id}`).send({ id });
  });

  app.post("/login", async (request, reply) => {
    const { email, password } = validate(credentials, request.body);
    const account = await store.findAccount(email);
    // The password is checked even where there is no account, and the answer does not tell which of the two is wrong.
    const isRight = await isPassword(password, account?.passwordHash);
    if (account === undefined || !isRight) {
      throw new ApiError(401, "invalid_credentials", "email or password is wrong");
    }
    const token = await tokens.issue(account.id, account.roles);
    return reply.header("cache-control", "no-store").send({ token });
  });

  app.get("/users/me", async (request) => own(callerOf(request)));

  app.get<{ Params: { id: string } }>("/users/:id", async (request) => {
    const caller = callerOf(request);
    // Another one's is answered like one that does not exist.
    if (request.params.id !== caller) throw notFound();
    return own(caller);
  });

  app.get("/.well-known/jwks.json", async (_request, reply) => {
    return reply.header("cache-control", "public, max-age=300").send(tokens.jwks);
  });

  async function own(caller: string): Promise<User> {
    const user = await store.find(caller);
    if (user === undefined) throw notFound();
    return user;
  }
}

function notFound(): ApiError {
  return new ApiError(404, "not_found", "There is no user with this id.");
}
