/** The life of a small stack in a cluster, whose kubeconfig is in the stack's folder. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { lifecycleOnServer } from "../../../testing/lifecycle";
import { type TestStack, takes } from "../../../testing/test-stack";
import { createKubernetesProvider } from "..";

export const KUBECONFIG_FILE = "kubeconfig.json";

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

const up = (stack: TestStack, number: 1 | 2) =>
  stack.up(
    async ({ resource }) => {
      const version = String(number);
      const namespace = await resource("kubernetes:core/v1:Namespace", "namespace", {
        metadata: { name: "shop" },
      });
      const secret = { metadata: { name: "updated", namespace: "shop" }, stringData: { version } };
      await resource("kubernetes:core/v1:Secret", "updated", secret, takes("metadata", namespace));
      // Other data replace it, under a name of its own.
      const map = { metadata: { namespace: "shop" }, immutable: true, data: { version } };
      const replaced = await resource(CONFIG_MAP, "replaced", map, takes("metadata", namespace));
      const named = { metadata: { name: `named-${version}`, namespace: "shop" }, data: { a: "1" } };
      await resource(CONFIG_MAP, "named", named, takes("data", replaced));
      const only = { metadata: { name: "only", namespace: "shop" }, data: {} };
      if (version === "1") await resource(CONFIG_MAP, "only", only, takes("metadata", namespace));
    },
    { parallel: 1 },
  );

export const lifecycle = lifecycleOnServer(up, (stack) => {
  const kubeconfig = readFileSync(path.join(stack.directory, KUBECONFIG_FILE), "utf8");
  stack.factories.kubernetes = () => createKubernetesProvider({ kubeconfig });
});
