/** A Kubernetes cluster, as the command line sees it. */
import { z } from "zod";
import { Api } from "../../engine/providers/kubernetes/api";
import { clusterAccess } from "../../engine/providers/kubernetes/kubeconfig";
import type { KubernetesSettings } from "../../kubernetes-settings";
import { StackOnDocker } from "../docker/stack-on-docker";
import { checkDocker } from "../doctor/docker";
import { problem } from "../doctor/finding";
import { messageOf, UserError } from "../errors";
import type { Target } from "../targets/target";
import { checkCluster } from "./check-cluster";
import { StackOnKubernetes } from "./stack-on-kubernetes";

// Required when a stack is on Kubernetes: the schema knows the whole description's, which takes its time.
const schema = (): typeof import("../../kubernetes-settings") => require("../../kubernetes-settings");

export const kubernetesTarget: Target = {
  name: "Kubernetes",

  async prepare({ setup }, { settings, registryKind }) {
    const checked = check(settings);
    await connect(checked);
    // Images are built by the local daemon, whatever the cluster is.
    await setup.ensureDocker();
    await setup.ensureImages(registryKind);
  },

  async checkBeforeUp() {},

  async diagnose(context, { settings }) {
    // Images are built by the local daemon, whatever the cluster is.
    const findings = await checkDocker(context);
    try {
      const api = await connect(check(settings));
      return [...findings, ...(await checkCluster(api))];
    } catch (error) {
      const fix = "Mend flotilla:settings.cluster, or start the cluster.";
      return [...findings, problem(error, fix)];
    }
  },

  warnings: () => [],

  async open({ docker }, { label, settings }) {
    const images = async () => new StackOnDocker(await docker(), label).images();
    return new StackOnKubernetes(await connect(check(settings)), label, images);
  },
};

function check(settings: Record<string, unknown>): KubernetesSettings {
  const parsed = schema().kubernetesSettings.safeParse(settings);
  if (!parsed.success) {
    throw new UserError(`flotilla:settings is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

/** The API of the cluster that the settings name, which answers. */
async function connect(settings: KubernetesSettings): Promise<Api> {
  try {
    const api = new Api(clusterAccess(schema().clusterOf(settings)));
    await api.request("/version");
    return api;
  } catch (error) {
    const fix = settings.cluster === "local" ? "\nStart the local cluster: npm run cluster" : "";
    throw new UserError(`${messageOf(error)}${fix}`);
  }
}
