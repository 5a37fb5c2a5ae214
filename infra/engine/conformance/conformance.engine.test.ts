import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { pulumiIsOnPath } from "../../cli/engines/search-path";
import { allowed, inOrder } from "./allowed";
import { runEmbedded } from "./embedded";
import { runPulumi } from "./pulumi";
import { readRecording } from "./record";
import type { RuleRun } from "./rule";
import { Sandbox } from "./sandbox";
import { allRules, ruleFile } from "./suite";

const recording = readRecording();

/** Rules at once: a run waits for processes to start most of its time. */
const concurrency = 3;

suite("Pulumi's rules", { concurrency }, () => {
  for (const { file, rule } of allRules()) defineRule(file, rule);
});

function defineRule(file: string, rule: string): void {
  const runs = ruleFile(file)[rule];
  const inSandbox = async (work: (sandbox: Sandbox, run: RuleRun, index: number) => Promise<void>) => {
    const sandbox = new Sandbox(file, rule);
    try {
      for (const [index, run] of runs.entries()) await work(sandbox, run, index);
    } finally {
      sandbox.remove();
    }
  };

  suite(rule, () => {
    test("as Pulumi's CLI was recorded to do", async () => {
      await inSandbox(async (sandbox, run, index) => {
        const recorded = recording.outcomes[rule]?.[index];
        assert.ok(recorded, `run ${index} is not recorded`);
        assert.deepEqual(
          allowed(rule, await runEmbedded(sandbox, run, index), recorded),
          recorded,
          `run ${index}`,
        );
      });
    });

    test("as Pulumi's CLI on the PATH does", {
      skip: !pulumiIsOnPath(process.env, process.platform),
    }, async () => {
      await inSandbox(async (sandbox, run, index) => {
        const recorded = recording.outcomes[rule][index];
        assert.deepEqual(
          inOrder(rule, await runPulumi(sandbox, run, index), recorded),
          recorded,
          `run ${index}`,
        );
      });
    });
  });
}
