/** The life of a small stack in a cluster, whose kubeconfig is in the stack's folder. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { KillPoints } from "../../../testing/kill-points";
import type { Lifecycle } from "../../../testing/lifecycle";
import { type TestStack, takes } from "../../../testing/test-stack";
import { createKubernetesProvider } from "..";

export const KUBECONFIG_FILE = "kubeconfig.json";

/** Requests that change something, and the moments at which the state is replaced. */
const COUNTED = /^(answer to )?(POST|DELETE|PUT|PATCH) |^rename .*\.json\.tmp/;

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

const up = (stack: TestStack, version: string) =>
  stack.up(
    async ({ resource }) => {
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

export const lifecycle: Lifecycle = {
  runs: {
    create: (stack) => up(stack, "1"),
    change: (stack) => up(stack, "2"),
    refresh: (stack) => stack.refresh({ parallel: 1 }),
    destroy: (stack) => stack.destroy({ parallel: 1 }),
  },
  prepare(stack) {
    const kubeconfig = readFileSync(path.join(stack.directory, KUBECONFIG_FILE), "utf8");
    stack.factories.kubernetes = () => createKubernetesProvider({ kubeconfig });
  },
  points(killAt) {
    const points = new KillPoints(killAt, COUNTED);
    points.watchFiles();
    points.watchRequests();
    return points;
  },
};
