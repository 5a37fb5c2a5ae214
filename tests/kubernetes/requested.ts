/** A service that gets more replicas the more it is asked. */
import { defineArchitecture } from "../../infra/architecture";

const program = `
  require("node:http").createServer((_, response) => response.end()).listen(8080);
  process.on("SIGTERM", () => process.exit());
`;

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  services: {
    asked: {
      image: "catalogue:node",
      entrypoint: ["node", "-e", program],
      ports: [8080],
      replicas: { min: 1, max: 3 },
      autoscaling: { requestsPerSecond: 10, scaleInCooldownSeconds: 5, scaleOutCooldownSeconds: 1 },
    },
  },
  gateway: { routes: [{ path: "/", to: "asked" }] },
});
