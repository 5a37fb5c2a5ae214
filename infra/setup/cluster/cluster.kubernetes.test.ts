import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { ensureImages } from "../images";
import { loadCommand, startCluster } from "./cluster";
import { executeWithInput } from "./execute-with-input";
import { places } from "./places";
import { serveImage } from "./testing/image-server";
import { apply, eventually, kubectl, loadImage, programProcess } from "./testing/kubectl";

const namespace = "flotilla-cluster-test";
const inNamespace = (name: string, labels = {}) => ({ name, namespace, labels });
const folders = path.join(places().data, "volumes");
let python: string;

before(async () => {
  const { tool } = await startCluster();
  assert.equal(tool, undefined, "these tests are for the cluster of our own");
  python = (await ensureImages(["python"])).python!;
  loadImage(python, loadCommand());
  const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
  await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: restricted } });
});

after(() => kubectl("delete", "namespace", namespace, "--ignore-not-found"));

/** A pod that the level "restricted" admits. */
function pod(name: string, script: string, more: { container?: object; spec?: object } = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: inNamespace(name, { app: name }),
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      ...more.spec,
      containers: [
        {
          name: "main",
          image: python,
          command: ["python3", "-c", script],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          ...more.container,
        },
      ],
    },
  };
}

const server = `
import http.server
open("/data/hello", "w").write("hello")
class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args): super().__init__(*args, directory="/data")
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
`;

test("A pod serves what it has written as a plain user, by a Service's name and on a port of this machine", async () => {
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: inNamespace("data"),
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
  };
  const serving = pod("server", server, {
    spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] },
    container: {
      volumeMounts: [{ name: "data", mountPath: "/data" }],
      readinessProbe: { httpGet: { path: "/hello", port: 8080 }, periodSeconds: 1 },
    },
  });
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: inNamespace("files"),
    spec: { type: "NodePort", selector: { app: "server" }, ports: [{ port: 80, targetPort: 8080 }] },
  };
  await apply(claim, serving, service);
  await kubectl("wait", "--namespace", namespace, "--for=condition=Ready", "pod/server", "--timeout=120s");

  const port = await kubectl(
    ...["get", "service", "files", "--namespace", namespace, "--output=jsonpath={.spec.ports[0].nodePort}"],
  );
  const answer = await eventually("the node port answers", () =>
    fetch(`http://127.0.0.1:${port}/hello`).then(
      (response) => response.text(),
      () => undefined,
    ),
  );
  assert.equal(answer, "hello");

  const asking =
    'import urllib.request as r; print(r.urlopen("http://files/hello", timeout=10).read().decode())';
  await apply(pod("client", asking));
  const succeeded = "--for=jsonpath={.status.phase}=Succeeded";
  await kubectl("wait", "--namespace", namespace, succeeded, "pod/client", "--timeout=120s");
  assert.equal(await kubectl("logs", "--namespace", namespace, "client"), "hello\n");
});

test("A claim's folder is the user's who writes to it, and goes with the claim", async () => {
  const volume = await kubectl(
    ...[
      "get",
      "persistentvolumeclaim",
      "data",
      "--namespace",
      namespace,
      "--output=jsonpath={.spec.volumeName}",
    ],
  );
  const file = path.join(folders, volume, "hello");
  assert.equal(fs.statSync(file).uid, 65532);
  await kubectl("delete", "--namespace", namespace, "pod/server", "persistentvolumeclaim/data");
  await eventually("the folder is removed", () => !fs.existsSync(path.dirname(file)) || undefined);
});

test("A pod that the level of its namespace does not admit is refused", async () => {
  const privileged = pod("privileged", "", { container: { securityContext: { privileged: true } } });
  await assert.rejects(apply(privileged), /violates PodSecurity "restricted:latest": privileged/);
});

test("The metrics of the node are served", async () => {
  const cores = await eventually("there are metrics", () =>
    kubectl("get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes/flotilla").then(
      (text) => JSON.parse(text).usage.cpu as string,
      () => undefined,
    ),
  );
  assert.match(cores, /^\d+[nm]?$/);
});

test("An image is pulled from a registry of this machine without TLS", async () => {
  const registry = await serveImage("paused");
  try {
    const container = { image: registry.reference, command: ["/supervisor", "pause"] };
    await apply(pod("pulled", "", { container }));
    await kubectl("wait", "--namespace", namespace, "--for=condition=Ready", "pod/pulled", "--timeout=120s");
    assert.equal(registry.pulls(), 1);
  } finally {
    await registry.close();
  }
});

test("An image that was loaded runs, also where the same content was pulled by another name before", async () => {
  const registry = await serveImage("first");
  const command = ["/supervisor", "pause"];
  const ready = ["wait", "--namespace", namespace, "--for=condition=Ready", "--timeout=60s"];
  try {
    await apply(pod("first", "", { container: { image: registry.reference, command } }));
    await kubectl(...ready, "pod/first");
    const image = "flotilla.local/test/loaded:1";
    const [load, ...args] = loadCommand();
    await executeWithInput(load!, args, await registry.saved(image));
    await apply(pod("loaded", "", { container: { image, command } }));
    await kubectl(...ready, "pod/loaded");
  } finally {
    await registry.close();
  }
});

test("A program that is killed is started again", async () => {
  const killed = programProcess("kube-scheduler")!;
  process.kill(killed, "SIGKILL");
  const next = await eventually("there is another scheduler", () => {
    const found = programProcess("kube-scheduler");
    return found === killed ? undefined : found;
  });
  assert.notEqual(next, killed);
  await apply(pod("scheduled", "print(1)"));
  const succeeded = "--for=jsonpath={.status.phase}=Succeeded";
  await kubectl("wait", "--namespace", namespace, succeeded, "pod/scheduled", "--timeout=120s");
});

test("A cluster that runs is left as it is", async () => {
  const record = path.join(places().run, "supervisor.json");
  const startedAt = fs.statSync(record).mtimeMs;
  assert.deepEqual(await startCluster(), { start: "ran already" });
  assert.equal(fs.statSync(record).mtimeMs, startedAt);
});
