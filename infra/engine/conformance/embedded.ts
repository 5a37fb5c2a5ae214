/**
 * A run of a rule by the embedded engine.
 */
import { existsSync } from "node:fs";
import * as path from "node:path";
import type { EngineEvent } from "../events";
import { run } from "../run";
import { type ExportedDeployment, exportStack } from "../stacks";
import { type Outcome, outcome, type RawStep } from "./outcome";
import type { RuleRun } from "./rule";
import type { Sandbox } from "./sandbox";

const EMPTY: ExportedDeployment = { version: 3, deployment: {} };

export async function runEmbedded(sandbox: Sandbox, ruleRun: RuleRun, index: number): Promise<Outcome> {
  sandbox.prepare(ruleRun);
  const { program: _program, tamper: _tamper, configuration: _configuration, ...options } = ruleRun;
  const location = sandbox.location(ruleRun);
  const steps: RawStep[] = [];
  const onEvent = (event: EngineEvent) => {
    if (event.kind !== "step-finished") return;
    const { operation, urn, type, changes } = event;
    steps.push({ operation, urn, type, differences: changes });
  };
  const environment = sandbox.environment(index);
  const { PATH } = process.env;
  process.env.PATH = environment.PATH; // where the engine looks for plugins
  try {
    const result = await run({ ...options, ...location, environment, parallel: 1, onEvent });
    const failed = result.diagnostics.filter(({ severity }) => severity === "error").map(({ urn }) => urn);
    const exists = existsSync(
      path.join(sandbox.directory, "state/.pulumi/stacks/conformance", `${location.stack}.json`),
    );
    const exported = exists ? await exportStack({ ...location, showSecrets: true }) : EMPTY;
    return outcome(result.succeeded, steps, failed, sandbox.cloud().calls, exported);
  } finally {
    process.env.PATH = PATH;
  }
}
