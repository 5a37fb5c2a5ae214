/** One service behind a gateway: what a load balancer and rollouts are tried on. */
import { defineArchitecture } from "../../infra/architecture";

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  services: { users: { image: "registry.example.com/users:1", ports: [8080] } },
  gateway: { routes: [{ path: "/users", to: "users" }] },
});
