/** Two services that tell what they were asked, behind routes that every kind of gateway can serve. */
import { defineArchitecture } from "../../infra/architecture";

const program = (name: string) => `
  require("node:http").createServer(({ method, url, headers }, response) => {
    const { "x-version": version } = headers;
    response.end(JSON.stringify({ service: ${JSON.stringify(name)}, method, url, version }));
  }).listen(8080);
  process.on("SIGTERM", () => process.exit());
`;

const service = (name: string) => ({
  image: "catalogue:node",
  entrypoint: ["node", "-e", program(name)],
  ports: [{ port: 8080 }],
  probe: { http: { path: "/" }, startPeriodSeconds: 60 },
});

/** By host and path alone. */
export const routes = [
  { path: "/", to: "people" },
  { path: "/orders", to: "orders" },
  { exactPath: "/order-book", to: "orders" },
  { path: "/", to: "orders", hosts: ["orders.example.com"] },
];

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  services: { people: service("people"), orders: service("orders") },
  gateway: { routes },
});
