import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { clusterOf, kubernetesSettings } from "./kubernetes-settings";

function refusal(settings: object): string {
  const { error } = kubernetesSettings.safeParse(settings);
  assert.ok(error, "it is accepted");
  return z.prettifyError(error);
}

test("the local cluster needs nothing else, and answers at a port of the node", () => {
  const settings = kubernetesSettings.parse({ cluster: "local" });
  assert.deepEqual(settings, { cluster: "local", expose: "node-port", httpPort: 30080 });
  const { kubeconfig, context } = clusterOf(settings);
  assert.match(kubeconfig ?? "", /flotilla.cluster.kubeconfig$/);
  assert.equal(context, "flotilla");
});

test("another cluster is named by its context, and gets images and a load balancer", () => {
  const images = { push: "registry.example.com/shop", username: "ci" };
  const settings = kubernetesSettings.parse({ cluster: { context: "staging" }, images });
  assert.deepEqual(settings, {
    cluster: { context: "staging" },
    images,
    expose: "load-balancer",
    httpPort: 80,
  });
  assert.deepEqual(clusterOf(settings), { context: "staging" });
});

test("a cluster that is not named is refused, whatever the current context is", () => {
  for (const settings of [{}, { cluster: "staging" }, { cluster: { kubeconfig: "k" } }]) {
    assert.match(refusal(settings), /the current context is never used unasked\. Write "local"/);
  }
});

test("a cluster that is not the local one must be told where its images come from", () => {
  const message = refusal({ cluster: { context: "staging" } });
  assert.match(message, /must say how the cluster gets the images .* Write \{"push":/);
  assert.match(message, /at images$/);
});

test("a word that is no setting is refused", () => {
  assert.match(refusal({ cluster: "local", nodePort: 30080 }), /nodePort/);
});
