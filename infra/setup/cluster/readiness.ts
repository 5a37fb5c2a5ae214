/** What comes between the start of the cluster's programs and a cluster that can be used. */
import * as fs from "node:fs";
import * as path from "node:path";
import { execute, lastLines, readIfPresent } from "../host";
import { step } from "../steps.js";
import { addons } from "./addons";
import { ask } from "./api";
import { isReady } from "./conditions";
import { executeWithInput } from "./execute-with-input";
import type { HostPrograms } from "./host-programs";
import { pauseImage, pauseImageName } from "./pause-image";
import { dnsServiceAddress, nodeName, places } from "./places";
import type { DetachedSupervisor } from "./supervisor";
import { resolves, waitUntil } from "./wait";

/** The programs that a cluster is made of. */
export interface Programs extends HostPrograms {
  kubernetes: string;
  supervisor: string;
}

/** The command that loads the images of a `docker save` from its standard input. */
export function loadCommand(): string[] {
  return [...containers("ctr"), "images", "import", "-"];
}

/** The client of the cluster's containers, and where they are. */
function containers(ctr: string): [string, ...string[]] {
  return [ctr, "--address", places().containerd, "--namespace", "k8s.io"];
}

/** Gives the cluster what it needs beside its programs, and returns once the node, DNS and the metrics are ready. */
export async function awaitReady(supervisor: DetachedSupervisor, programs: Programs): Promise<void> {
  const { kubeconfig, logs } = places();
  const until = (condition: () => Promise<boolean>) =>
    waitUntil(async () => {
      if (supervisor.running === undefined) {
        const log = readIfPresent(path.join(logs, "supervisor.log")) ?? "";
        throw new Error(`The cluster has ended. Its log ends so:\n${lastLines(log)}`);
      }
      return condition();
    }, `Its logs are in ${logs}.`);
  const answers = async (address: string) => (await ask(kubeconfig, address)) !== undefined;
  await step("Start the API server", async () => {
    await until(async () => fs.existsSync(places().containerd));
    await Promise.all([until(() => answers("/readyz")), loadPauseImage(programs)]);
    await applyAddons(programs);
  });
  await step("Start the node", () => until(isNodeReady));
  await step("Start DNS and metrics", () =>
    until(
      async () =>
        (await resolves("kubernetes.default.svc.cluster.local", dnsServiceAddress)) &&
        (await answers("/apis/metrics.k8s.io/v1beta1")) &&
        (await answers("/api/v1/namespaces/default/serviceaccounts/default")),
    ),
  );
}

async function isNodeReady(): Promise<boolean> {
  const node = await ask(places().kubeconfig, `/api/v1/nodes/${nodeName}`);
  return isReady(JSON.parse(node ?? "{}").status?.conditions);
}

async function loadPauseImage({ ctr, supervisor }: Programs): Promise<void> {
  const [program, ...args] = containers(ctr);
  const present = await execute(program, [...args, "images", "list", "--quiet"]);
  if (!present.split("\n").includes(pauseImageName(supervisor))) {
    await executeWithInput(program, [...args, "images", "import", "-"], await pauseImage(supervisor));
  }
}

async function applyAddons({ kubernetes }: Programs): Promise<void> {
  const { kubeconfig, secrets } = places();
  const authority = fs.readFileSync(path.join(secrets, "ca.crt"), "utf8");
  const options = ["--server-side", "--force-conflicts", "--filename=-"];
  await executeWithInput(
    kubernetes,
    ["kubectl", `--kubeconfig=${kubeconfig}`, "apply", ...options],
    JSON.stringify(addons(authority)),
  );
}
