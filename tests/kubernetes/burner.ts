/** A service that burns CPU for each request, and the policy that gives it more replicas for that. */
import { defineArchitecture } from "../../infra/architecture";

const program = `
  require("node:http").createServer((request, response) => {
    const end = Date.now() + 50;
    while (request.url === "/burn" && Date.now() < end);
    response.end("done");
  }).listen(8080);
  process.on("SIGTERM", () => process.exit());
`;

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  services: {
    burner: {
      image: "catalogue:node",
      entrypoint: ["node", "-e", program],
      ports: [{ port: 8080 }],
      probe: { http: { path: "/" }, startPeriodSeconds: 60 },
      cpuMillicores: 150,
      replicas: { min: 1, max: 3 },
      autoscaling: { cpuPercent: 40, scaleInCooldownSeconds: 20, scaleOutCooldownSeconds: 5 },
    },
  },
  gateway: { routes: [{ path: "/", to: "burner" }] },
});
