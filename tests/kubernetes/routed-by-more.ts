/** The same by methods, headers and rewritten paths too. */
import { defineArchitecture } from "../../infra/architecture";
import routed, { routes } from "./routed";

const more = [
  { path: "/orders", to: "people", methods: ["DELETE"] },
  { path: "/people", to: "orders", headers: { "x-version": "2" } },
  { path: "/moved", to: "orders", rewritePrefix: "/orders" },
  { exactPath: "/orders/mine", to: "people" },
];

export default defineArchitecture({ ...routed, gateway: { routes: [...routes, ...more] } });
