/** KEDA, built from its Go module and run in the cluster by its own manifests. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { ensurePrograms } from "../../infra/setup/cluster/build";
import { executeWithInput } from "../../infra/setup/cluster/execute-with-input";
import { loadCommand } from "../../infra/setup/cluster/own-cluster";
import { places } from "../../infra/setup/cluster/places";
import { imageOf } from "../../infra/setup/cluster/program-image";
import { kubectl } from "../../infra/setup/cluster/testing/kubectl";
import { goModule, KEDA_MODULE } from "./module-files";

/** What its manifests call the images, and the program that each of them starts. */
const PROGRAMS: Record<string, { program: string; path: string }> = {
  "ghcr.io/kedacore/keda": { program: "operator", path: "keda" },
  "ghcr.io/kedacore/keda-metrics-apiserver": { program: "adapter", path: "keda-adapter" },
};

// biome-ignore lint/suspicious/noExplicitAny: a manifest is open JSON
type Manifest = any;

let manifests: Manifest[] = [];

/** Starts its operator and its metrics server, and waits until both serve. */
export async function startKeda(): Promise<void> {
  const source = path.join(__dirname, "keda");
  const module = { name: "keda", folder: source, packages: ["tool"], linkerFlags: [] };
  const folder = await ensurePrograms(module);
  const images = new Map<string, string>();
  for (const [image, { program, path: at }] of Object.entries(PROGRAMS)) {
    const name = `flotilla.local/test/${program}:${path.basename(folder)}`;
    const content = await imageOf(
      name,
      { [at]: fs.readFileSync(path.join(folder, program)) },
      { User: "65532" },
    );
    const [load, ...args] = loadCommand();
    await executeWithInput(load, args, content);
    images.set(image, name);
  }
  const config = path.join(await goModule(KEDA_MODULE), "config", "minimal");
  manifests = parseAllDocuments(await kubectl("kustomize", config)).map((document) => document.toJS());
  for (const { kind, spec } of manifests) {
    for (const container of kind === "Deployment" ? spec.template.spec.containers : []) {
      container.image = images.get(container.image.replace(/:[^:]*$/, ""));
      container.imagePullPolicy = "IfNotPresent";
    }
  }
  await withAll("create");
  for (const deployment of ["keda-operator", "keda-metrics-apiserver"]) {
    const wait = ["--namespace", "keda", "--timeout=180s"];
    await kubectl("rollout", "status", `deployment/${deployment}`, ...wait);
  }
  const service = "apiservice/v1beta1.external.metrics.k8s.io";
  await kubectl("wait", service, "--for=condition=Available", "--timeout=120s");
}

/** Takes all of it away, with what it was told to scale by. */
export async function stopKeda(): Promise<void> {
  await withAll("delete", "--ignore-not-found", "--timeout=120s");
}

async function withAll(verb: string, ...options: string[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests });
  const { kubectl: program, kubeconfig } = places();
  await executeWithInput(program, [`--kubeconfig=${kubeconfig}`, verb, "--filename=-", ...options], list);
}
