import { test } from "node:test";
import { pulumiIsOnPath } from "../../infra/cli/engines/search-path";
import { shopIsHandedOver } from "./handover-suite";
import { KubernetesDriver } from "./kubernetes-driver";

const skip = pulumiIsOnPath(process.env, process.platform) ? false : "Pulumi's CLI is not on the PATH";

test("the shop on Kubernetes by Pulumi's CLI, and handed over between the engines", {
  skip,
  timeout: 30 * 60_000,
}, async (t) => {
  const shop = new KubernetesDriver("e2e-kube-cli", { httpPort: 30182, registryKind: "native" });
  t.after(() => shop.down());
  await shopIsHandedOver(t, shop);
});
