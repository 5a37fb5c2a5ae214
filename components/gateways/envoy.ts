import * as pulumi from "@pulumi/pulumi";
import { agentContainer, registerSidecar } from "../agent-sidecars";
import { containerSpec } from "../container";
import type { FileSpec, PortSpec, SidecarSpec } from "../container-spec";
import type { Certificate } from "../gateway-certificate";
import type { GatewaySpec } from "../platform";
import { AGGREGATOR_PORT, aggregates } from "./envoy/aggregator";
import { bootstrap } from "./envoy/bootstrap";
import { clusters, targets } from "./envoy/clusters";
import type { Filter } from "./envoy/filter";
import { filterFile, filtersOf } from "./envoy/filters";
import { listeners } from "./envoy/listeners";
import { routeTable } from "./envoy/routes";
import { tcpPort } from "./envoy/tcp-listeners";
import { CERTIFICATE_FILE, certificateFile } from "./envoy/tls";
import { ADMIN_PORT, HTTP_PORT, HTTPS_PORT, METRICS_PORT, WATCHED } from "./envoy/vocabulary";
import { type GatewayKind, type GatewaySetup, tcpPortName } from "./gateway-kind";

const SOURCE = "/etc/flotilla/gateway";
const BOOTSTRAP = "/etc/envoy/bootstrap.json";
const WATCHER_READY_PORT = 15098;
const AGGREGATOR_READY_PORT = 15095;
const DRAIN_SECONDS = 5;
/** Longer than balancers take to learn of a new replica: kube-proxy may by default wait a second before it looks (`minSyncPeriod`). */
const SETTLE_SECONDS = 2;

/**
 * Envoy with a constant bootstrap. Routes are live files: the agent hands them on by atomic rename and adds each
 * service's live instances, so a change of either never restarts Envoy.
 */
export const envoy: GatewayKind = (setup) => {
  const { spec, discovery, agentImage } = setup;
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
  const ports = portsOf(spec);
  const register = registerSidecar(agentImage, discovery, {
    service: setup.name,
    ports,
    probe: main.probe,
    // So that whoever sees it ready gets answers of services that came up beside it.
    awaits: `http://127.0.0.1:${WATCHER_READY_PORT}/reachable`,
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
          live("lds.json", listeners(spec)),
          live("rds.json", routeTable(spec)),
          live("cds.json", clusters(spec)),
          live("services.json", [...targets(spec).keys()]),
          ...filtersOf(spec).map(liveFilter),
          ...(setup.certificate === undefined ? [] : [liveCertificate(setup.certificate)]),
        ],
        mounts: [{ volume: "watched", path: WATCHED, readOnly: false }],
        order: "before",
      },
      ...(aggregates(spec) ? [aggregator(setup)] : []),
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
    settleSeconds: SETTLE_SECONDS,
    admits: "callers",
  };
};

/** Joins the answers of several services; no one but Envoy reaches it. */
function aggregator({ agentImage, discovery }: GatewaySetup): SidecarSpec {
  const listen = ["--listen", `127.0.0.1:${AGGREGATOR_PORT}`];
  const ready = ["--ready-listen", `127.0.0.1:${AGGREGATOR_READY_PORT}`];
  const command = ["aggregate", ...listen, ...ready];
  return {
    ...agentContainer("agent-aggregate", agentImage, discovery, command, AGGREGATOR_READY_PORT),
    order: "before",
  };
}

function portsOf({ policies: { tls, tcp } }: GatewaySpec): PortSpec[] {
  return [
    { name: "http", port: HTTP_PORT, protocol: "http", scheme: "http" },
    ...(tls === undefined
      ? []
      : [{ name: "https", port: HTTPS_PORT, protocol: "tcp" as const, scheme: "https" }]),
    ...tcp.map(({ listen }, index) => {
      return { name: tcpPortName(listen), port: tcpPort(index), protocol: "tcp" as const, scheme: "tcp" };
    }),
    { name: "metrics", port: METRICS_PORT, protocol: "http", scheme: "http" },
  ];
}

function live(name: string, content: unknown): FileSpec {
  return liveFile(name, JSON.stringify(content), false);
}

function liveFilter(filter: Filter): FileSpec {
  const { name, content } = filterFile(filter);
  return liveFile(name, pulumi.jsonStringify(content), filter.secret ?? false);
}

function liveCertificate(certificate: Certificate): FileSpec {
  return liveFile(CERTIFICATE_FILE, pulumi.jsonStringify(certificateFile(certificate)), true);
}

function liveFile(name: string, content: pulumi.Input<string>, secret: boolean): FileSpec {
  return { path: `${SOURCE}/${name}`, content, mode: "0444", secret, live: true };
}
