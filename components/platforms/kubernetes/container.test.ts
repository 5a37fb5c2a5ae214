import assert from "node:assert/strict";
import { test } from "node:test";
import { containerSpec } from "../../container";
import type { HardeningArgs } from "../../hardening";
import { podContainer } from "./container";

test("a container without a word is hardened and limited, and sure of a tenth of its processor", () => {
  assert.deepEqual(podContainer(containerSpec("main", "users:1", {}, undefined), 10, []), {
    name: "main",
    image: "users:1",
    imagePullPolicy: "IfNotPresent",
    command: undefined,
    args: undefined,
    env: undefined,
    resources: {
      limits: { cpu: "500m", memory: "256Mi" },
      requests: { cpu: "50m", memory: "256Mi" },
    },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: [],
  });
});

test("each opt-out changes its own field only", () => {
  const strict = podContainer(containerSpec("main", "users:1", {}, undefined), 10, []).securityContext;
  const cases: [HardeningArgs, object][] = [
    [{ runAsUser: 0 }, { runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 }],
    [{ runAsUser: 999 }, { runAsUser: 999, runAsGroup: 999 }],
    [{ writableRootFilesystem: true }, { readOnlyRootFilesystem: false }],
    [{ addCapabilities: ["CHOWN"] }, { capabilities: { drop: ["ALL"], add: ["CHOWN"] } }],
    [{ allowPrivilegeEscalation: true }, { allowPrivilegeEscalation: true }],
    [{ seccompProfile: "unconfined" }, { seccompProfile: { type: "Unconfined" } }],
  ];
  for (const [hardening, changed] of cases) {
    const { securityContext } = podContainer(
      containerSpec("main", "users:1", { hardening }, undefined),
      10,
      [],
    );
    assert.deepEqual(securityContext, { ...strict, ...changed }, JSON.stringify(hardening));
  }
});

test("a request of the processor is a share of the limit, and never nothing", () => {
  const requested = (cpuMillicores: number, percent: number) => {
    const spec = containerSpec("main", "users:1", { cpuMillicores }, undefined);
    const { requests } = podContainer(spec, percent, []).resources as { requests: { cpu: string } };
    return requests.cpu;
  };
  assert.deepEqual([requested(500, 10), requested(2000, 100), requested(10, 1)], ["50m", "2000m", "1m"]);
});

test("what Kubernetes would take for a variable's name stays as it was written", () => {
  const spec = containerSpec(
    "main",
    "users:1",
    {
      entrypoint: ["/bin/$(A)"],
      command: ["$$", "$HOME", "a$$(B)", "5$"],
      environment: { PLAIN: "x", PASSWORD: "pa$(s)s" },
    },
    undefined,
  );
  const { command, args, env } = podContainer(spec, 10, []);
  assert.deepEqual(command, ["/bin/$$(A)"]);
  // Kubernetes reads $$ as $, and leaves any other $ alone where no bracket follows.
  assert.deepEqual(args, ["$$$", "$HOME", "a$$$$(B)", "5$"]);
  assert.deepEqual(env, [
    { name: "PLAIN", value: "x" },
    { name: "PASSWORD", value: "pa$$(s)s" },
  ]);
});
