import { agentContainer, registerSidecar } from "../agent-sidecars";
import { containerSpec } from "../container";
import type { FileSpec } from "../platform";
import {
  ADMIN_PORT,
  bootstrap,
  clusterName,
  clusters,
  HTTP_PORT,
  listeners,
  routeTable,
  WATCHED,
} from "./envoy-config";
import type { GatewayKind } from "./gateway-kind";

const SOURCE = "/etc/flotilla/gateway";
const BOOTSTRAP = "/etc/envoy/bootstrap.json";
const WATCHER_READY_PORT = 15098;
const DRAIN_SECONDS = 5;

/**
 * Envoy with a constant bootstrap. Routes are live files: the agent hands them on by atomic rename and adds each
 * service's live instances, so a change of either never restarts Envoy.
 */
export const envoy: GatewayKind = (setup) => {
  const { routes, discovery, agentImage } = setup;
  const args = {
    entrypoint: ["envoy"],
    command: [
      ...["-c", BOOTSTRAP, "--concurrency", String(Math.max(1, Math.ceil(setup.cpuMillicores / 1000)))],
      ...["--drain-time-s", String(DRAIN_SECONDS), "--drain-strategy", "immediate"],
      ...["--disable-hot-restart", "--log-level", "warning"],
    ],
    files: { [BOOTSTRAP]: JSON.stringify(bootstrap(setup.name)) },
    volumes: { watched: { path: WATCHED, readOnly: true } },
    cpuMillicores: setup.cpuMillicores,
    memoryMiB: setup.memoryMiB,
    probe: { http: { path: "/ready", port: ADMIN_PORT } },
  };
  const main = containerSpec("main", setup.image, args, HTTP_PORT);
  const watcher = agentContainer(
    "agent-envoy",
    agentImage,
    discovery,
    ["envoy", "--source", SOURCE, "--target", WATCHED, "--ready-listen", `127.0.0.1:${WATCHER_READY_PORT}`],
    WATCHER_READY_PORT,
  );
  const ports = [{ name: "http", port: HTTP_PORT, protocol: "http" as const, scheme: "http" }];
  const register = registerSidecar(agentImage, discovery, {
    service: setup.name,
    ports,
    probe: main.probe,
    metadata: {},
    onDrain: [`http://127.0.0.1:${ADMIN_PORT}/drain_listeners?graceful&skip_exit`],
  });
  return {
    lifetime: "service",
    // The register sidecar asks the same question and is waited for.
    main: { ...main, awaitHealthy: false },
    sidecars: [
      {
        ...watcher,
        files: [
          live("lds.json", listeners()),
          live("rds.json", routeTable(routes)),
          live("cds.json", clusters(routes)),
          live("services.json", [...new Set(routes.map(clusterName))]),
        ],
        mounts: [{ volume: "watched", path: WATCHED, readOnly: false }],
        order: "before",
      },
      register,
    ],
    init: [],
    tasks: [],
    ports,
    volumes: [{ name: "watched", kind: "ephemeral", sizeMiB: 16 }],
    replicas: setup.replicas,
    rollout: "rolling",
    startAfter: [],
    drainSeconds: DRAIN_SECONDS,
    admits: "callers",
  };
};

function live(name: string, content: unknown): FileSpec {
  return {
    path: `${SOURCE}/${name}`,
    content: JSON.stringify(content),
    mode: "0444",
    secret: false,
    live: true,
  };
}
