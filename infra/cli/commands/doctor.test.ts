import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { checkNode } from "../doctor/machine";
import { checkCluster } from "../kubernetes/check-cluster";
import { runProgram } from "../program";
import { fakeContext } from "../testing";
import { commands } from "./table";

test("doctor of a good machine says that all is well, and changes nothing", async (t) => {
  const { context, output, setUp, engine } = fakeContext(t);
  context.machine.environment.PULUMI_CONFIG_PASSPHRASE = "";
  assert.equal(await runProgram(commands, ["doctor"], context), 0);
  assert.deepEqual(output.lines.slice(1), [
    "! npm is not on the PATH",
    "    npm installs the packages; install it with Node.",
    "· Pulumi's CLI is not on the PATH; the embedded engine is used",
    `✓ The state is in ${context.directory}/.flotilla/state`,
    "✓ The passphrase comes from PULUMI_CONFIG_PASSPHRASE",
    "✓ Pulumi.dev.yaml can be read, with its secrets",
    "✓ Docker 28.2.0 at unix:///var/run/docker.sock, with overlay2 and cgroup v2",
    "✓ An image registry answers",
    "✓ Port 127.0.0.1:8080 is free",
    "1 warning",
  ]);
  assert.match(output.lines[0]!, /^✓ Node \d+\.\d+\.\d+$/);
  assert.deepEqual([setUp, engine.runs], [[], []]);
});

test("doctor finds each problem at once, says what to do, and ends with 1", async (t) => {
  const { context, output, configuration } = fakeContext(t);
  context.machine.environment.PULUMI_BACKEND_URL = "s3://bucket";
  delete configuration.values["flotilla:target"];
  context.setup.adviseOnDocker = async () => "Start Docker Desktop.";
  assert.equal(await runProgram(commands, ["doctor", "--stack", "blue"], context), 1);
  assert.deepEqual(output.lines.slice(4), [
    "✗ The state is at s3://bucket, which needs Pulumi's CLI",
    "    Install it, or unset PULUMI_BACKEND_URL.",
    "✓ The passphrase comes from a file of your own",
    "✗ Pulumi.blue.yaml configures nothing",
    "    Start from a copy of Pulumi.dev.yaml, or name another stack than blue by --stack.",
    "✗ No Docker daemon answers",
    "    Start Docker Desktop.",
    "3 problems, 1 warning",
  ]);
});

test("doctor tells a port that somebody else holds, and images that cannot come", async (t) => {
  const { context, output } = fakeContext(t);
  context.setup.findPortHolders = async ([address]) => [{ ...address!, holder: "nginx" }];
  context.setup.imageSource = async () => ({ origin: "registry", registryAnswers: false });
  assert.equal(await runProgram(commands, ["doctor"], context), 1);
  assert.deepEqual(output.lines.slice(-6), [
    "! No image registry can be reached, and images came from one before",
    "    What is not here already cannot be pulled. Mend the network, or run npx flotilla clean to have stand-ins built.",
    "✗ Port 127.0.0.1:8080 is taken by nginx",
    "    Free it, or take another one:",
    "      npx flotilla config set --stack dev --path flotilla:settings.httpPort 8081",
    "1 problem, 2 warnings",
  ]);
  context.setup.findPortHolders = async ([address]) => [{ ...address!, holder: "us", stack: "shop/dev" }];
  context.setup.imageSource = async () => ({ origin: "stand-in", registryAnswers: false });
  assert.equal(await runProgram(commands, ["doctor"], context), 0);
  assert.deepEqual(output.lines.slice(-3), [
    "· No image registry can be reached; stand-ins for them are used",
    "✓ Port 127.0.0.1:8080 is taken by us",
    "1 warning",
  ]);
});

test("doctor asks Pulumi's CLI for its version and looks for its plugins", async (t) => {
  const { context, output } = fakeContext(t);
  const bin = path.join(context.directory, "bin");
  mkdirSync(bin);
  writeFileSync(path.join(bin, "pulumi"), "#!/bin/sh\necho v3.260.0\n", { mode: 0o755 });
  for (const plugin of ["pulumi-resource-docker", "pulumi-resource-random"]) {
    writeFileSync(path.join(bin, plugin), "");
  }
  mkdirSync(path.join(context.machine.home, ".pulumi/plugins/resource-tls-v5.6.1"), { recursive: true });
  context.machine.environment.PATH = bin;
  await runProgram(commands, ["doctor"], context);
  assert.deepEqual(output.lines.slice(3, 5), [
    "✓ Pulumi's CLI v3.260.0",
    "· Pulumi's CLI fetches its plugins kubernetes when they are used first",
  ]);
});

test("an old Node is a problem", () => {
  assert.deepEqual(checkNode("18.20.1"), {
    ...{ level: "problem", told: "Node 18.20.1 is too old", fix: "Install Node 20 or newer." },
  });
  assert.equal(checkNode("22.12.0").level, "fine");
});

test("a cluster is told with its version, storage and metrics", async () => {
  const isDefault = { "storageclass.kubernetes.io/is-default-class": "true" };
  const cluster = (minor: string, classes: object[], metrics: boolean) => ({
    access: { source: 'context "a" of b' } as never,
    request: async (path: string) => {
      if (path === "/version") return { gitVersion: `v1.${minor}.1`, minor };
      if (path.includes("storageclasses")) return { items: classes };
      if (!metrics) throw new Error("404");
      return {};
    },
  });
  const good = await checkCluster(
    cluster("35+", [{ metadata: { name: "fast", annotations: isDefault } }], true),
  );
  assert.deepEqual(
    good.map(({ level, told }) => `${level}: ${told}`),
    [
      'fine: Kubernetes v1.35+.1 by context "a" of b',
      "fine: Persistent volumes are of the storage class fast",
      "fine: The cluster serves metrics, for autoscaling by CPU and memory",
    ],
  );
  const bare = await checkCluster(cluster("29", [{ metadata: { name: "slow" } }], false));
  assert.deepEqual(
    bare.map(({ level }) => level),
    ["problem", "warning", "warning"],
  );
});
