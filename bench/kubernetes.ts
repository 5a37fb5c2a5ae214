/**
 * What a service costs: many are previewed and applied against an API server whose nodes do not exist, by the embedded
 * engine, and by kubectl from the manifests of the same stack. No image is built. `npm run bench:kubernetes -- [SERVICES]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { toManifests } from "../infra/cli/export/manifests";
import { onPaper } from "../infra/cli/export/on-paper";
import { rehearse, run } from "../infra/engine";
import type { RunResult } from "../infra/engine/events";
import { paperProvider } from "../infra/engine/providers/paper";
import { DEFAULT_PROVIDERS } from "../infra/engine/run";
import { ensureProgram } from "../infra/setup/cluster/build";
import { startControlPlane } from "../infra/setup/cluster/control-plane";
import { contextName } from "../infra/setup/cluster/places";

const ROOT = path.resolve(__dirname, "..");
const FAKE_NODES = 20;
/** Images are taken as built and pushed: the nodes that do not exist pull nothing. */
const providers = { ...DEFAULT_PROVIDERS, docker: () => paperProvider(onPaper.docker) };
const many = Number(process.argv[2] ?? 500);
const few = Math.max(1, Math.round(many / 10));

interface Measured {
  services: number;
  objects: number;
  /** Seconds by verb. */
  preview: number;
  up: number;
  again: number;
  kubectl: number;
}

async function measure(services: number, kubeconfig: string): Promise<Measured> {
  const states = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-bench-"));
  const options = (stack: string) => ({
    ...{ directory: ROOT, stack, backendUrl: `file://${states}`, passphrase: "bench" },
    environment: { FLOTILLA_BENCH_SERVICES: String(services) },
  });
  const [ours, theirs] = ["engine", "kubectl"].map((name) => `bench-${services}-${name}`);
  const files = [ours, theirs].map((stack) => writeConfiguration(stack, kubeconfig));
  const verb = (name: "preview" | "up") => timed(() => run({ ...options(ours), providers, verb: name }));
  try {
    const preview = await verb("preview");
    const up = await verb("up");
    const again = await verb("up");
    const changed = Object.entries(again.result.counts).filter(([operation]) => operation !== "same");
    if (changed.length > 0) {
      throw new Error(`The second up of ${services} services changed something: ${JSON.stringify(changed)}`);
    }
    // A stack of its own has a namespace of its own: nothing of the first is there already.
    const { resources } = await rehearse({ ...options(theirs), onPaper });
    const manifests = toManifests(resources, true);
    const kubectl = await applyByKubectl(manifests, kubeconfig);
    const objects = manifests.split("\n---\n").length;
    return { services, objects, preview: preview.seconds, up: up.seconds, again: again.seconds, kubectl };
  } finally {
    for (const file of files) {
      fs.rmSync(file);
    }
    fs.rmSync(states, { recursive: true });
  }
}

/** Returns the file. */
function writeConfiguration(stack: string, kubeconfig: string): string {
  const file = path.join(ROOT, `Pulumi.${stack}.yaml`);
  const settings = {
    cluster: { kubeconfig, context: contextName },
    images: { push: "registry.example.com/bench" },
    expose: "node-port",
    // None that nodes open, so that each stack gets one of the cluster's choice.
    httpPort: 8080,
  };
  const config = {
    "flotilla:target": "kubernetes",
    "flotilla:architecture": "bench/many-services.ts",
    "flotilla:settings": settings,
  };
  fs.writeFileSync(file, stringify({ config }));
  return file;
}

async function timed(work: () => Promise<RunResult>): Promise<{ seconds: number; result: RunResult }> {
  const start = performance.now();
  const result = await work();
  if (!result.succeeded) {
    throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  }
  return { seconds: (performance.now() - start) / 1000, result };
}

/** Seconds to apply, without waiting for anything to be ready. */
async function applyByKubectl(manifests: string, kubeconfig: string): Promise<number> {
  const program = await ensureProgram("kubernetes");
  const start = performance.now();
  const apply = ["kubectl", "--kubeconfig", kubeconfig, "apply", "--server-side", "--filename", "-"];
  const child = spawn(program, apply, { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(manifests);
  const [code] = await once(child, "close");
  if (code !== 0) {
    throw new Error(`kubectl apply ended with ${code}`);
  }
  return (performance.now() - start) / 1000;
}

function report({ services, objects, ...seconds }: Measured): void {
  const each = Object.entries(seconds).map(
    ([verb, total]) =>
      `${verb} ${total.toFixed(1)} s (${((total / services) * 1000).toFixed(1)} ms a service)`,
  );
  console.log(`${services} services, ${objects} objects: ${each.join(", ")}`);
}

async function main(): Promise<void> {
  const plane = await startControlPlane({ fakeNodes: FAKE_NODES });
  try {
    const small = await measure(few, plane.kubeconfig);
    report(small);
    const large = await measure(many, plane.kubeconfig);
    report(large);
    for (const verb of ["preview", "up", "again"] as const) {
      const ratio = large[verb] / large.services / (small[verb] / small.services);
      console.log(`${verb}: a service of ${many} costs ${ratio.toFixed(2)} × what one of ${few} does`);
    }
    console.log(`up: ${(large.up / large.kubectl).toFixed(2)} × kubectl apply, which waits for nothing`);
  } finally {
    await plane.stop();
  }
}

void main();
