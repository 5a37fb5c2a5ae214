/** The shop with two gateway replicas and one more route. */
import { defineArchitecture } from "../../infra/architecture";
import twoGateways from "./two-gateways";

const { gateway } = twoGateways;
const people = { path: "/people", to: "users", rewritePrefix: "/users", authentication: "user" };

export default defineArchitecture({
  ...twoGateways,
  gateway: { ...gateway, routes: [...gateway.routes, people] },
});
