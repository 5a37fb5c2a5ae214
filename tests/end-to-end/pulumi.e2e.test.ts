import { test } from "node:test";
import { pulumiIsOnPath } from "../../infra/cli/engines/search-path";
import { DockerDriver } from "./docker-driver";
import { shopIsHandedOver } from "./handover-suite";

const skip = pulumiIsOnPath(process.env, process.platform) ? false : "Pulumi's CLI is not on the PATH";

test("the shop by Pulumi's CLI, and handed over between the engines", {
  skip,
  timeout: 30 * 60_000,
}, async (t) => {
  const shop = await DockerDriver.create("e2e-cli", { httpPort: 18082, registryKind: "etcd" });
  t.after(() => shop.down());
  await shopIsHandedOver(t, shop);
});
