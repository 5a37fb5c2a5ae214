/** The shop with two gateway replicas. */
import { defineArchitecture } from "../../infra/architecture";
import shop from "../../stacks/shop";

export default defineArchitecture({ ...shop, gateway: { ...shop.gateway, replicas: 2 } });
