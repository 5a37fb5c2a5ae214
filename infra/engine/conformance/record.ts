/**
 * Records what Pulumi's CLI makes of the rules: `npm run test:engine:record [text of a rule]`. The CLI, and its plugins
 * random and pulumi-nodejs, have to be on the PATH.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Outcome } from "./outcome";
import { pulumiVersion, runPulumi } from "./pulumi";
import { Sandbox } from "./sandbox";
import { allRules, ruleFile } from "./suite";

export interface Recording {
  /** Of Pulumi's CLI. */
  version: string;
  outcomes: Record<string, Outcome[]>;
}

const FILE = path.join(__dirname, "recorded.json");

export function readRecording(): Recording {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : { version: "", outcomes: {} };
}

/** A line for each run, so that a difference between two recordings can be read. */
function write({ version, outcomes }: Recording): void {
  const rules = Object.entries(outcomes).map(([rule, runs]) => {
    const lines = runs.map((run) => `   ${JSON.stringify(run)}`);
    return `  ${JSON.stringify(rule)}: [\n${lines.join(",\n")}\n  ]`;
  });
  writeFileSync(
    FILE,
    `{\n "version": ${JSON.stringify(version)},\n "outcomes": {\n${rules.join(",\n")}\n }\n}\n`,
  );
}

async function record(containing: string | undefined): Promise<void> {
  const known = readRecording();
  const outcomes: Recording["outcomes"] = {};
  for (const { file, rule } of allRules()) {
    if (containing !== undefined && !rule.includes(containing)) {
      if (known.outcomes[rule]) outcomes[rule] = known.outcomes[rule];
      continue;
    }
    const sandbox = new Sandbox(file, rule);
    try {
      outcomes[rule] = [];
      for (const [index, run] of ruleFile(file)[rule].entries()) {
        outcomes[rule].push(await runPulumi(sandbox, run, index));
      }
      console.log(rule);
    } finally {
      sandbox.remove();
    }
  }
  write({ version: await pulumiVersion(), outcomes });
}

if (require.main === module) void record(process.argv[2]);
