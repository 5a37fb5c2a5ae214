import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { failuresOf, known, Recorder } from "../../../tests/recorder";
import { ClusterNeeds } from "./cluster-needs";
import type { ClusterReader } from "./cluster-reader";

new Recorder();

/** A cluster that serves these API versions, and counts how often it was opened and asked. */
class FakeCluster {
  readonly opened: (string | undefined)[][] = [];
  asked = 0;

  constructor(private readonly versions: string[]) {}

  needs(kubeconfig?: pulumi.Input<string>, context?: pulumi.Input<string>): ClusterNeeds {
    return new ClusterNeeds(kubeconfig, context, (...settings) => {
      this.opened.push(settings);
      return { served: async () => this.served(), list: async () => [] };
    });
  }

  private served(): string[] {
    this.asked += 1;
    return this.versions;
  }
}

const serves = (version: string) => async (cluster: ClusterReader) => {
  if (!(await cluster.served()).includes(version)) {
    throw new pulumi.RunError(`It needs ${version}.`);
  }
  return version;
};

test("a program without needs never opens the cluster", async () => {
  const cluster = new FakeCluster([]);
  await known(cluster.needs("/none", "none").met);
  assert.deepEqual(cluster.opened, []);
});

test("needs are asked once each, of the cluster of the settings, and their answers are Outputs", async () => {
  const cluster = new FakeCluster(["a/v1", "b/v1"]);
  const needs = cluster.needs(pulumi.output("/config"), "staging");
  const answers = ["a/v1", "b/v1"].map((version) => needs.ask(serves(version)));
  await known(needs.met);
  assert.deepEqual(await Promise.all(answers.map(known)), ["a/v1", "b/v1"]);
  assert.deepEqual(cluster.opened, [["/config", "staging"]]);
  assert.equal(cluster.asked, 2);
});

test("all that the cluster lacks is told at once, each thing once, and nothing that waits goes on", async () => {
  const cluster = new FakeCluster(["a/v1"]);
  let waited = false;
  const failures = await failuresOf(() => {
    const needs = cluster.needs();
    for (const version of ["a/v1", "b/v1", "c/v1", "b/v1"]) {
      needs.ask(serves(version));
    }
    needs.met.apply(() => {
      waited = true;
    });
  });
  assert.deepEqual(failures, ["It needs b/v1.\nIt needs c/v1."]);
  assert.equal(waited, false);
});

test("a need that comes after the program ran through is still refused", async () => {
  const needs = new FakeCluster([]).needs();
  await known(needs.met);
  assert.deepEqual(await failuresOf(() => needs.ask(serves("b/v1"))), ["It needs b/v1."]);
});

test("what nobody foresaw is told as it is", async () => {
  const broken = new Error("broken");
  const failures = await failuresOf(() => {
    const needs = new FakeCluster([]).needs();
    needs.ask(serves("b/v1"));
    needs.ask(async () => {
      throw broken;
    });
  });
  assert.deepEqual(failures, ["broken"]);
});
