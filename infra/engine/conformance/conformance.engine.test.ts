import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { pulumiIsOnPath } from "../../cli/engines/search-path";
import { runEmbedded } from "./embedded";
import { runPulumi } from "./pulumi";
import { readRecording } from "./record";
import type { RuleRun } from "./rule";
import { Sandbox } from "./sandbox";
import { allRules, ruleFile } from "./suite";

const recording = readRecording();

for (const { file, rule } of allRules()) {
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
        assert.deepEqual(
          await runEmbedded(sandbox, run, index),
          recording.outcomes[rule]?.[index],
          `run ${index}`,
        );
      });
    });

    test("as Pulumi's CLI on the PATH does", {
      skip: !pulumiIsOnPath(process.env, process.platform),
    }, async () => {
      await inSandbox(async (sandbox, run, index) => {
        assert.deepEqual(
          await runPulumi(sandbox, run, index),
          recording.outcomes[rule]?.[index],
          `run ${index}`,
        );
      });
    });
  });
}
