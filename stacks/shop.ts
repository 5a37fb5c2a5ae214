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

export default defineArchitecture({
  name: "edge",
  registry: { kind: "etcd" },
  secrets: { "redis-password": {} },
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
    routes: [
      { path: "/users", to: "users" },
      { path: "/orders", to: "orders" },
    ],
  },
});
