/** A service with data that outlives it. */
import { defineArchitecture } from "../../infra/architecture";

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  services: {
    store: {
      image: "registry.example.com/store:1",
      ports: [8080],
      volumes: { data: { path: "/data", kind: "persistent" } },
    },
  },
  gateway: { routes: [{ path: "/store", to: "store" }] },
});
