/** The shop with what it does not use itself: a task, long files, and scaling by requests, a queue and schedules. */
import type { ArchitectureInput } from "../infra/architecture";
import shop from "../stacks/shop";

const { services, gateway, ...others } = shop as ArchitectureInput;

const everything: ArchitectureInput = {
  ...others,
  gateway: { ...gateway, replicas: { min: 2, max: 6 }, autoscaling: { requestsPerSecond: 100 } },
  services: {
    ...services,
    worker: {
      image: "registry.example.com/worker:1",
      files: { "/etc/worker/words.txt": "word ".repeat(2000) },
      replicas: { min: 0, max: 5 },
      tasks: [{ name: "migrate", image: "registry.example.com/worker:1", command: ["migrate"] }],
      autoscaling: {
        memoryPercent: 70,
        queue: {
          kind: "redis",
          service: "redis",
          name: "jobs",
          backlogPerReplica: 10,
          password: "{{redis-password}}",
        },
        schedules: [{ start: "0 8 * * 1-5", end: "0 18 * * 1-5", min: 2, timezone: "Europe/Zurich" }],
      },
    },
  },
};

export default everything;
