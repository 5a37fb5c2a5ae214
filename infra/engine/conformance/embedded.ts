/**
 * A run of a rule by the embedded engine.
 */
import { existsSync } from "node:fs";
import * as path from "node:path";
import type { EngineEvent } from "../events";
import { run } from "../run";
import { exportStack } from "../stacks";
import type { ExportedDeployment } from "../state/store";
import { type Outcome, outcome, type RawStep } from "./outcome";
import type { RuleRun } from "./rule";
import { PROBE_FOLDER, type Sandbox } from "./sandbox";

const EMPTY: ExportedDeployment = { version: 3, deployment: {} };

process.env.PATH = [PROBE_FOLDER, process.env.PATH].join(path.delimiter); // where the engine looks for plugins

export async function runEmbedded(sandbox: Sandbox, ruleRun: RuleRun, index: number): Promise<Outcome> {
  sandbox.prepare(ruleRun);
  const { program: _program, tamper: _tamper, configuration: _configuration, ...options } = ruleRun;
  const location = sandbox.location(ruleRun);
  const steps: RawStep[] = [];
  const onEvent = (event: EngineEvent) => {
    if (event.kind !== "step-finished") return;
    const { operation, urn, type, changes } = event;
    steps.push({ operation, urn, type, changed: changes.map(({ path: place }) => place) });
  };
  const environment = sandbox.environment(index);
  const result = await run({ ...options, ...location, environment, parallel: 1, onEvent });
  const failed = result.diagnostics.filter(({ severity }) => severity === "error").map(({ urn }) => urn);
  const states = path.join(sandbox.directory, "state/.pulumi/stacks/conformance");
  const exists = existsSync(path.join(states, `${location.stack}.json`));
  const exported = exists ? await exportStack({ ...location, showSecrets: true }) : EMPTY;
  return outcome(result.succeeded, steps, failed, sandbox.cloud().calls, exported);
}
