/** A service that is built, behind the gateway. */
import { defineArchitecture } from "../../infra/architecture";

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  services: {
    greeter: {
      build: "tests/kubernetes/greeter",
      ports: [{ port: 8080 }],
      probe: { http: { path: "/" }, startPeriodSeconds: 60 },
    },
  },
  gateway: { routes: [{ path: "/", to: "greeter" }] },
});
