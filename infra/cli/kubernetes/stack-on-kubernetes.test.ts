import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFailures } from "../targets/failures";
import { formatReplicas } from "../targets/replicas";
import type { ApiObject } from "./pods";
import { StackOnKubernetes } from "./stack-on-kubernetes";

const startedAt = "2026-01-01T10:00:00Z";
const running = (more: object = {}) => ({
  state: { running: { startedAt } },
  ready: true,
  started: true,
  ...more,
});

function pod(
  name: string,
  labels: object,
  containers: Record<string, object>,
  more: ApiObject = {},
): ApiObject {
  const specs = Object.keys(containers).map((container) => ({ name: container, readinessProbe: {} }));
  const statuses = Object.entries(containers).map(([container, status]) => ({ name: container, ...status }));
  return {
    metadata: { name, namespace: "shop", uid: `uid-of-${name}`, labels, ...more },
    spec: { containers: specs },
    status: { phase: "Running", containerStatuses: statuses },
  };
}

const of = (workload: string) => ({ "flotilla.dev/workload": workload });
const annotated = (name: string, stack: string) => ({
  metadata: { name, annotations: { "flotilla.dev/pulumi-stack": stack } },
});

/** A cluster that has the lists, by their paths, in the stack's namespace. */
function cluster(lists: Record<string, ApiObject[]>, logs: Record<string, string> = {}) {
  const asked: object[] = [];
  const api = {
    request: async (path: string, { method = "GET" } = {}) => {
      if (path === "/api/v1/namespaces") {
        return { items: [annotated("other", "shop/blue"), annotated("shop", "shop/dev")] };
      }
      assert.match(path, /^\/apis?\/.*\/namespaces\/shop\//);
      assert.equal(method, "GET");
      return { items: lists[path.split("/").at(-1)!] ?? [] };
    },
    text: async (path: string, { query }: { query: { container: string } }) => {
      asked.push(query);
      return logs[`${path.split("/").at(-2)}/${query.container}`] ?? "";
    },
  };
  const stack = new StackOnKubernetes(api as never, "shop/dev", async () => ["image users:1"]);
  return { stack, asked };
}

test("ps has a line for each pod, with what is wrong in it", async () => {
  const { stack } = cluster({
    pods: [
      pod("users-6d5-b", of("users"), { main: running({ ready: false }), register: running() }),
      pod("users-6d5-a", of("users"), { main: running(), register: running() }),
      pod("redis-0", of("redis"), { main: { state: { waiting: { reason: "ContainerCreating" } } } }),
      pod("orders-7c9-x", of("orders"), {
        main: { state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated: {} } },
        register: running(),
      }),
      pod("users-old", of("users"), { main: running() }, { deletionTimestamp: startedAt }),
      pod(
        "users-migrate-1",
        { "flotilla.dev/task": "users-migrate" },
        { main: { state: { terminated: { exitCode: 0 } } } },
      ),
    ],
    services: [{ spec: { selector: of("users"), ports: [{ port: 80, nodePort: 30080 }, { port: 81 }] } }],
  });
  assert.deepEqual(formatReplicas(await stack.parts(), new Date("2026-01-01T12:05:00Z")), [
    "WORKLOAD         REPLICA  READY  STATE                    UPTIME     PORTS",
    "orders           7c9-x    1/2    CrashLoopBackOff: main   -          -",
    "redis            0        0/1    ContainerCreating: main  -          -",
    "users            6d5-a    2/2    healthy                  2 h 5 min  node:30080",
    "users            6d5-b    1/2    not ready: main          2 h 5 min  node:30080",
    "users            old      0/1    ending: main             2 h 5 min  node:30080",
    "users-migrate-1  -        0      done                     -          -",
  ]);
});

test("a failing container is told with its last probe, and a crashed one with what it wrote before", async () => {
  const { stack, asked } = cluster(
    {
      pods: [
        pod("users-a", of("users"), { main: running({ ready: false }) }),
        pod("orders-b", of("orders"), {
          main: { state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated: {} } },
        }),
        pod("fine-c", of("fine"), { main: running() }),
      ],
      events: [{ involvedObject: { uid: "uid-of-users-a" }, message: "Readiness probe failed: 503" }],
    },
    { "orders-b/main": "2026-01-01T10:00:00.000000001Z the tea is cold\n" },
  );
  assert.deepEqual(await describeFailures(stack, []), [
    "orders/b main (container orders-b/main) is CrashLoopBackOff",
    "  last log lines:",
    "    the tea is cold",
    "users/a main (container users-a/main) is not ready",
    "  last probe: Readiness probe failed: 503",
    "  its log is empty",
  ]);
  const query = { container: "main", tailLines: 15, timestamps: true };
  assert.deepEqual(asked, [
    { ...query, previous: true },
    { ...query, previous: false },
  ]);
});

test("volumes are named, and what is left beside them", async () => {
  const claim = { metadata: { name: "data-redis-0", labels: of("redis") } };
  const { stack } = cluster({
    persistentvolumeclaims: [claim],
    services: [{ metadata: { name: "users" }, spec: {} }],
  });
  assert.deepEqual(await stack.persistentVolumes(), [{ name: "data-redis-0", purpose: "redis/0 data" }]);
  assert.deepEqual(await stack.leftovers(true), ["services users", "image users:1"]);
  assert.deepEqual(await stack.leftovers(false), ["namespace shop", "services users", "image users:1"]);
});
