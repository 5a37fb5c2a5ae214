/** The example architecture: a shop of three services, in TypeScript and Python, with their state in Redis. */
import { defineArchitecture } from "../infra/architecture";

const redisPassword = { "/run/secrets/redis-password": "{{redis-password}}" };
const withRedis = {
  calls: ["redis"],
  startAfter: ["redis"],
  environment: { REDIS_PASSWORD_FILE: "/run/secrets/redis-password" },
  secretFiles: redisPassword,
  probe: { http: { path: "/readyz" } },
};

/** Who made the tokens, and for whom; the gateway takes no others. */
const issuer = "users";
const audience = "shop";

/** Of a user who logged in. */
const user = { authentication: "user" };
const admin = { authentication: "user", authorization: { roles: ["admin"] } };
const anonymous = { authentication: "anonymous" };

/** Of passwords, from one address; locally from all of them, as the gateway there sees its forwarder's. */
const guesses = { requests: 300, perSeconds: 60 };

export default defineArchitecture({
  name: "edge",
  registry: { kind: "etcd" },
  secrets: {
    "redis-password": {},
    "signing-key": { kind: "private-key" },
    "admin-password": { output: true },
  },
  services: {
    redis: {
      image: "catalogue:redis",
      entrypoint: ["redis-server"],
      command: ["/run/secrets/redis/redis.conf"],
      ports: [{ port: 6379, protocol: "tcp", scheme: "redis" }],
      secretFiles: {
        "/run/secrets/redis/redis.conf":
          'requirepass {{redis-password}}\ndir /data\nappendonly yes\nsave ""\n',
      },
      volumes: { data: { path: "/data", kind: "persistent" } },
      probe: { tcp: {} },
      // The owner of /data in Redis's own image.
      hardening: { runAsUser: 999 },
    },
    users: {
      ...withRedis,
      build: "services/users",
      ports: [{ port: 8080 }],
      replicas: { min: 1, max: 4 },
      autoscaling: { cpuPercent: 60 },
      environment: {
        ...withRedis.environment,
        SIGNING_KEY_FILE: "/run/secrets/signing-key",
        TOKEN_ISSUER: issuer,
        TOKEN_AUDIENCE: audience,
        ADMIN_EMAIL: "admin@example.com",
        ADMIN_PASSWORD_FILE: "/run/secrets/admin-password",
      },
      secretFiles: {
        ...redisPassword,
        "/run/secrets/signing-key": "{{signing-key}}",
        "/run/secrets/admin-password": "{{admin-password}}",
      },
    },
    orders: {
      ...withRedis,
      build: "services/orders",
      ports: [{ port: 8080 }],
      calls: ["users", "payments:grpc", "redis"],
    },
    payments: {
      ...withRedis,
      build: "services/payments",
      ports: [{ port: 5000 }, { port: 5001, name: "grpc", protocol: "grpc" }],
    },
  },
  gateway: {
    authentication: {
      user: {
        jwt: {
          issuer,
          audiences: [audience],
          jwks: { service: "users" },
          // What services know of the caller: nobody else can send these.
          claimHeaders: { "x-user-id": "sub", "x-user-roles": "roles" },
        },
      },
    },
    // Nobody sends more with an order, or to register.
    maxBodyKiB: 64,
    routes: [
      { exactPath: "/login", methods: ["POST"], to: "users", ...anonymous, rateLimit: guesses },
      { exactPath: "/users", methods: ["POST"], to: "users", ...anonymous },
      { path: "/users", methods: ["GET"], to: "users", ...user },
      { path: "/orders", to: "orders", ...user },
      { exactPath: "/payments/mine", methods: ["GET"], to: "payments", ...user },
      { exactPath: "/payments", methods: ["GET"], to: "payments", ...admin },
      {
        exactPath: "/overview",
        aggregate: {
          parts: {
            user: { to: "users", path: "/users/me" },
            orders: { to: "orders", path: "/orders" },
            payments: { to: "payments", path: "/payments/mine" },
          },
        },
        timeoutSeconds: 5,
        ...user,
      },
    ],
  },
});
