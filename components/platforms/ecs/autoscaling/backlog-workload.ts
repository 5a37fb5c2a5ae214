import type * as pulumi from "@pulumi/pulumi";
import { agentContainer } from "../../../agent-sidecars";
import type { QueueSpec, WorkloadSpec } from "../../../platform";
import type { EcsHost } from "../host";
import { BACKLOG_METRIC, METRIC_NAMESPACE } from "./queue";

const READY_PORT = 15096;
const PASSWORD_FILE = "/run/secrets/queue/password";

/** Asks a queue how much waits and tells CloudWatch by its output; a quarter of a core and 512 MiB, about 9 USD a month. */
export function backlogWorkload(
  host: EcsHost,
  policy: string,
  queue: QueueSpec,
  address: string,
): WorkloadSpec {
  const { kind, port, name, username, password } = queue;
  const nowhere = { arguments: [], bundles: [] };
  const command = [
    "backlog",
    ...["--kind", kind, "--address", `${address}:${port}`, "--queue", name],
    ...(username === undefined ? [] : ["--user", username]),
    ...(password === undefined ? [] : ["--password-file", PASSWORD_FILE]),
    ...["--metric-namespace", METRIC_NAMESPACE, "--metric", BACKLOG_METRIC],
    ...["--dimension", `Stack=${host.prefix}`, "--dimension", `Policy=${policy}`],
    ...["--interval", "10s", "--ready-listen", `127.0.0.1:${READY_PORT}`],
  ];
  const agent = agentContainer("main", host.agentImage, nowhere, command, READY_PORT);
  return {
    lifetime: "service",
    main: {
      ...agent,
      files: password === undefined ? [] : [secretFile(password)],
    },
    sidecars: [],
    init: [],
    tasks: [],
    ports: [],
    volumes: [],
    replicas: 1,
    rollout: "rolling",
    startAfter: [],
    drainSeconds: 0,
    admits: "callers",
  };
}

function secretFile(content: pulumi.Input<string>) {
  return { path: PASSWORD_FILE, content, mode: "0444", secret: true, live: false };
}
