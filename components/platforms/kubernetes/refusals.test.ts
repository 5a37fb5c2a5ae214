import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../../../tests/problems-of";
import { type ContainerArgs, containerSpec } from "../../container";
import type { WorkloadSpec } from "../../platform";
import type { PodSecurity } from "./host";
import { checkWorkload } from "./refusals";

function service(args: ContainerArgs, more: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return {
    lifetime: "service",
    main: containerSpec("main", "users:1", args, undefined),
    sidecars: [],
    init: [],
    ports: [],
    volumes: [],
    replicas: 1,
    rollout: "rolling",
    startAfter: [],
    tasks: [],
    drainSeconds: 0,
    admits: "callers",
    ...more,
  };
}

function refused(args: ContainerArgs, level: PodSecurity = "restricted"): string[] {
  return problemsOf((problems) => checkWorkload(problems, service(args), level));
}

test("whatever Kubernetes does not do is refused with its field, the value and what to write instead", () => {
  const cases: [ContainerArgs, string][] = [
    [
      { ulimits: { nofile: { soft: 1, hard: 2 } } },
      'ulimits cannot be set on Kubernetes, got ["nofile"]. Take them out, and set them on the nodes.',
    ],
    [
      { logRotation: { maxSizeMiB: 10, maxFiles: 5 } },
      'logRotation cannot be set on Kubernetes, where each node\'s kubelet has one for all containers, got {"maxSizeMiB":10,"maxFiles":5}. Take it out, and set containerLogMaxSize and containerLogMaxFiles of the kubelets.',
    ],
    [
      { restart: "on-failure" },
      'restart must be "always" on Kubernetes for a container of a service, got "on-failure". Write "always".',
    ],
    [
      { hardening: { seccompProfile: '{"syscalls":[]}' } },
      'hardening.seccompProfile cannot be the text of a profile on Kubernetes, which reads profiles from each node\'s disk, got "{\\"syscalls\\":[]}". Write "default".',
    ],
  ];
  for (const [args, message] of cases) {
    assert.deepEqual(refused(args), [message]);
    assert.deepEqual(refused(args, "privileged"), [message], "no level does it");
  }
});

test("an opt-out is refused at the levels that refuse it, with the level that has it", () => {
  const cases: [ContainerArgs["hardening"], string, PodSecurity[]][] = [
    [{ runAsUser: 0 }, "baseline", ["restricted"]],
    [{ allowPrivilegeEscalation: true }, "baseline", ["restricted"]],
    [{ addCapabilities: ["CHOWN"] }, "baseline", ["restricted"]],
    [{ addCapabilities: ["SYS_PTRACE"] }, "privileged", ["restricted", "baseline"]],
    [{ seccompProfile: "unconfined" }, "privileged", ["restricted", "baseline"]],
    [{ addCapabilities: ["NET_BIND_SERVICE"] }, "", []],
    [{ writableRootFilesystem: true }, "", []],
  ];
  for (const [hardening, fix, levels] of cases) {
    for (const level of ["restricted", "baseline", "privileged"] as const) {
      const messages = refused({ hardening }, level);
      assert.equal(
        messages.length,
        levels.includes(level) ? 1 : 0,
        `${JSON.stringify(hardening)} at ${level}`,
      );
      for (const message of messages) {
        assert.match(message, new RegExp(`^hardening\\.\\w+ is refused by .* level "${level}", got `));
        assert.match(message, new RegExp(`Take it out, or write podSecurity: "${fix}" for the platform\\.$`));
      }
    }
  }
});

test("all problems of all containers are told at once, each by its place", () => {
  const root = { hardening: { runAsUser: 0 } };
  const other = (name: string) => containerSpec(name, "other:1", root, undefined);
  const spec = service(root, {
    sidecars: [{ ...other("proxy"), order: "before" }],
    init: [other("prepare")],
    tasks: [other("migrate")],
  });
  const messages = problemsOf((problems) => checkWorkload(problems, spec, "restricted"));
  assert.deepEqual(
    messages.map((message) => message.split(" ")[0]),
    [
      "hardening.runAsUser",
      'sidecars["proxy"].hardening.runAsUser',
      'initContainers["prepare"].hardening.runAsUser',
      'tasks["migrate"].hardening.runAsUser',
    ],
  );
});

test("what runs to its end may do so", () => {
  const once = { ...containerSpec("migrate", "m:1", {}, undefined), restart: "never" as const };
  const spec = service({}, { init: [once], tasks: [{ ...once, name: "again" }] });
  assert.deepEqual(
    problemsOf((problems) => checkWorkload(problems, spec, "restricted")),
    [],
  );
  const task = service({ restart: "never" }, { lifetime: "task" });
  assert.deepEqual(
    problemsOf((problems) => checkWorkload(problems, task, "restricted")),
    [],
  );
});
