/** One service with every part that a workload can have; the task fails until it is told not to. */
import { defineArchitecture } from "../../infra/architecture";

const shell = { image: "catalogue:redis", entrypoint: ["sh", "-c"] };
const shared = (readOnly: boolean) => ({ shared: { path: "/shared", readOnly } });

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  secrets: { token: {} },
  services: {
    whole: {
      image: "catalogue:redis",
      entrypoint: ["redis-server"],
      command: ["--port", "8080", "--save", "", "--dir", "/tmp"],
      ports: [{ port: 8080, protocol: "http" }],
      files: { "/etc/whole/plain.txt": { content: "plain", mode: "0440" } },
      secretFiles: { "/run/secrets/whole/token": "{{token}}" },
      volumes: shared(true),
      ulimits: { nofile: { soft: 512, hard: 1024 } },
      probe: { exec: { command: ["redis-cli", "-p", "8080", "ping"] }, intervalSeconds: 1 },
      initContainers: [
        { ...shell, name: "prepare", command: ["echo prepared > /shared/file"], volumes: shared(false) },
      ],
      sidecars: [
        { ...shell, name: "helper", command: ["cat /shared/file; exec sleep 100000"], volumes: shared(true) },
      ],
      tasks: [
        {
          ...shell,
          name: "migrate",
          command: ["echo migrating; exit $EXIT_CODE"],
          environment: { EXIT_CODE: "1" },
        },
      ],
    },
  },
  gateway: { routes: [{ path: "/", to: "whole" }] },
});
