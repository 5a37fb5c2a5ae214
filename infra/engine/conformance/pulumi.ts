/**
 * A run of a rule by Pulumi's CLI.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import type { Properties } from "../provider";
import { exportStack } from "../stacks";
import { type Outcome, outcome, type RawStep } from "./outcome";
import type { RuleRun } from "./rule";
import type { Sandbox } from "./sandbox";

const execute = promisify(execFile);

/** The CLI's words for steps that the embedded engine calls otherwise; undefined for a part of another step. */
const OPERATIONS: Record<string, string | undefined> = {
  "create-replacement": "replace",
  replace: undefined,
  "import-replacement": "import",
  "read-replacement": "read",
  "discard-replaced": "discard",
  "remove-pending-replace": undefined,
};

function flags(run: RuleRun): string[] {
  const list = (flag: string, urns: readonly string[] = []) => urns.flatMap((urn) => [flag, urn]);
  return [
    ...list("--target", run.targets),
    ...list("--exclude", run.excludes),
    ...list("--replace", run.replace),
    ...(run.targetDependents ? ["--target-dependents"] : []),
    ...(run.excludeDependents ? ["--exclude-dependents"] : []),
    ...(run.expectNoChanges ? ["--expect-no-changes"] : []),
    ...(run.previewOnly ? ["--preview-only"] : []),
    ...(run.verb === "preview" || run.previewOnly ? [] : ["--yes", "--skip-preview"]),
  ];
}

async function pulumi(sandbox: Sandbox, args: string[], environment: Record<string, string>) {
  const options = { cwd: sandbox.project, env: { ...process.env, ...environment }, maxBuffer: 64 << 20 };
  try {
    const { stdout, stderr } = await execute("pulumi", [...args, "--non-interactive"], options);
    return { succeeded: true, output: stdout + stderr };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { succeeded: false, output: stdout + stderr };
  }
}

export async function pulumiVersion(): Promise<string> {
  return (await execute("pulumi", ["version"])).stdout.trim();
}

function changed({ diffs, detailedDiff }: Properties): string[] {
  return detailedDiff ? Object.keys(detailedDiff) : (diffs ?? []);
}

export async function runPulumi(sandbox: Sandbox, ruleRun: RuleRun, index: number): Promise<Outcome> {
  sandbox.prepare(ruleRun);
  const location = sandbox.location(ruleRun);
  const environment = {
    ...sandbox.environment(index),
    PULUMI_HOME: path.join(sandbox.directory, "home"),
    PULUMI_BACKEND_URL: location.backendUrl,
    PULUMI_CONFIG_PASSPHRASE: location.passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DEBUG_COMMANDS: "true",
  };
  const state = path.join(sandbox.directory, "state/.pulumi/stacks/conformance", `${location.stack}.json`);
  if (!existsSync(state)) await pulumi(sandbox, ["stack", "init", location.stack], environment);
  const log = path.join(sandbox.directory, "events.jsonl");
  rmSync(log, { force: true });
  const args = [
    ruleRun.verb,
    "--stack",
    location.stack,
    "--parallel",
    "1",
    "--event-log",
    log,
    ...flags(ruleRun),
  ];
  const { succeeded, output } = await pulumi(sandbox, args, environment);
  if (process.env.CONFORMANCE_VERBOSE) console.log(args.join(" "), output);
  const events: Properties[] = existsSync(log)
    ? readFileSync(log, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  const steps: RawStep[] = [];
  const failed: string[] = [];
  for (const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } of events) {
    const metadata: Properties | undefined = (resOutputsEvent ?? resourcePreEvent)?.metadata;
    if (resOpFailedEvent) failed.push(resOpFailedEvent.metadata.urn);
    if (diagnosticEvent?.severity === "error") failed.push(diagnosticEvent.urn);
    if (!metadata || !resOutputsEvent) continue;
    const { op, urn, type } = metadata;
    const retains = /^delete/.test(op) && metadata.old?.retainOnDelete === true;
    const operation = retains ? "retain" : op in OPERATIONS ? OPERATIONS[op] : op;
    if (operation) steps.push({ operation, urn, type, changed: changed(metadata) });
  }
  const exported = await exportStack({ ...location, showSecrets: true });
  return outcome(succeeded, steps, failed, sandbox.cloud().calls, exported);
}
