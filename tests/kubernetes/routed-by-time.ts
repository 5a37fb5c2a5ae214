/** The same with a limit of time, which not every controller can keep. */
import { defineArchitecture } from "../../infra/architecture";
import routed, { routes } from "./routed";

const slow = { path: "/slow", to: "people", timeoutSeconds: 60 };

export default defineArchitecture({ ...routed, gateway: { routes: [...routes, slow] } });
