/** A service that is there for a queue, and one that is there at its hours: all of the day but a minute. */
import { defineArchitecture } from "../../infra/architecture";

const program = `
  require("node:http").createServer((_, response) => response.end()).listen(8080);
  process.on("SIGTERM", () => process.exit());
`;
const idle = { image: "catalogue:node", entrypoint: ["node", "-e", program], ports: [8080] };
const patience = { scaleInCooldownSeconds: 5, scaleOutCooldownSeconds: 1 };

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  secrets: { "redis-password": {} },
  services: {
    redis: {
      image: "catalogue:redis",
      entrypoint: ["redis-server"],
      command: ["/run/secrets/redis.conf"],
      ports: [{ port: 6379, protocol: "tcp", scheme: "redis" }],
      secretFiles: { "/run/secrets/redis.conf": "requirepass {{redis-password}}\ndir /tmp\n" },
      probe: { tcp: {} },
      hardening: { runAsUser: 999 },
    },
    worker: {
      ...idle,
      replicas: { min: 0, max: 3 },
      autoscaling: {
        ...patience,
        queue: {
          ...{ kind: "redis", service: "redis", name: "jobs", backlogPerReplica: 5 },
          password: "{{redis-password}}",
        },
      },
    },
    clerk: {
      ...idle,
      replicas: { min: 0, max: 2 },
      autoscaling: {
        ...patience,
        schedules: [{ start: "0 0 * * *", end: "59 23 * * *", timezone: "Europe/Zurich", min: 2 }],
      },
    },
  },
  gateway: { routes: [{ path: "/", to: "worker" }] },
});
