/** As many services as FLOTILLA_BENCH_SERVICES says, each of which calls the one before it. */
import { defineArchitecture } from "../infra/architecture";

const count = Number(process.env.FLOTILLA_BENCH_SERVICES);
const names = Array.from({ length: count }, (_, index) => `service-${index}`);

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  services: Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        image: "registry.example.com/service:1",
        ports: [{ port: 8080 }],
        files: { "/etc/service.json": JSON.stringify({ name }) },
        probe: { http: { path: "/readyz" } },
        calls: index === 0 ? [] : [names[index - 1]],
      },
    ]),
  ),
  gateway: { routes: [{ path: "/", to: names[0] }] },
});
