import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../tests/problems-of";
import { checkHardening, type HardeningArgs, hardeningSpec } from "./hardening";

function refused(hardening: HardeningArgs): string[] {
  return problemsOf((problems) => checkHardening(problems, "hardening", hardening));
}

test("every default is the strict one", () => {
  const strict = {
    runAsUser: 65532,
    readOnlyRootFilesystem: true,
    addCapabilities: [],
    allowPrivilegeEscalation: false,
    seccompProfile: "default",
  };
  assert.deepEqual(hardeningSpec(), strict);
  assert.deepEqual(hardeningSpec({}), strict);
});

test("each field opts out of one protection", () => {
  const strict = hardeningSpec();
  const optOuts: [HardeningArgs, object][] = [
    [{ runAsUser: 0 }, { runAsUser: 0 }],
    [{ writableRootFilesystem: true }, { readOnlyRootFilesystem: false }],
    [
      { runAsUser: 0, addCapabilities: ["NET_ADMIN"] },
      { runAsUser: 0, addCapabilities: ["NET_ADMIN"] },
    ],
    [{ allowPrivilegeEscalation: true }, { allowPrivilegeEscalation: true }],
    [{ seccompProfile: "unconfined" }, { seccompProfile: "unconfined" }],
  ];
  for (const [args, changed] of optOuts) {
    assert.deepEqual(refused(args), []);
    assert.deepEqual(hardeningSpec(args), { ...strict, ...changed });
  }
});

test("users, capabilities and profiles that no host takes are refused", () => {
  assert.deepEqual(refused({ runAsUser: 65536 }), [
    "hardening.runAsUser must be a whole number from 0 to 65535, got 65536. Write 65535.",
  ]);
  const rule = "must be a capability without CAP_";
  assert.deepEqual(refused({ runAsUser: 0, addCapabilities: ["CHOWN", "CAP_CHOWN", "net bind-service"] }), [
    `hardening.addCapabilities[1] ${rule}, got "CAP_CHOWN". Write "CHOWN".`,
    `hardening.addCapabilities[2] ${rule}, got "net bind-service". Write "NET_BIND_SERVICE".`,
  ]);
  const capable: HardeningArgs = { runAsUser: 999, addCapabilities: ["CHOWN"] };
  assert.deepEqual(refused(capable), [
    'hardening.addCapabilities have no effect for user 999, got ["CHOWN"]. Write runAsUser: 0, or allowPrivilegeEscalation: true for a program with file capabilities.',
  ]);
  assert.deepEqual(refused({ ...capable, allowPrivilegeEscalation: true }), []);
  const profiles = 'must be "default", "unconfined" or the JSON text of a profile';
  for (const seccompProfile of ["profile.json", "1"]) {
    const fix = "Pass the content of the file, not its name.";
    assert.deepEqual(refused({ seccompProfile }), [
      `hardening.seccompProfile ${profiles}, got "${seccompProfile}". ${fix}`,
    ]);
  }
  for (const seccompProfile of ["default", "unconfined", '{"defaultAction":"SCMP_ACT_ERRNO"}']) {
    assert.deepEqual(refused({ seccompProfile }), []);
  }
});
