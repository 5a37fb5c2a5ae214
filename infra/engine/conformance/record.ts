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

/** Rules at once: a run of the CLI waits most of its time. */
const AT_ONCE = 3;

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

async function recordRule({ file, rule }: { file: string; rule: string }): Promise<Outcome[]> {
  const sandbox = new Sandbox(file, rule);
  try {
    const outcomes: Outcome[] = [];
    for (const [index, run] of ruleFile(file)[rule].entries()) {
      outcomes.push(await runPulumi(sandbox, run, index));
    }
    return outcomes;
  } finally {
    sandbox.remove();
  }
}

/** Records anew the rules that contain a text, or all; each is written as soon as it is known. */
async function record(containing: string): Promise<void> {
  const known = readRecording();
  const version = await pulumiVersion();
  const rules = [...allRules()];
  const waiting = rules.filter(({ rule }) => rule.includes(containing));
  const outcomes: Recording["outcomes"] = containing ? known.outcomes : {};
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      outcomes[next.rule] = await recordRule(next);
      const inOrder = rules.flatMap(({ rule }) => (outcomes[rule] ? [[rule, outcomes[rule]]] : []));
      write({ version, outcomes: Object.fromEntries(inOrder) });
      console.log(next.rule);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

if (require.main === module) void record(process.argv[2] ?? "");
