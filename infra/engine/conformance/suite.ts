/**
 * All rules, by the file that they stand in.
 */
import type { Rules } from "./rule";

export const RULE_FILES = ["basics", "options", "existing"] as const;

/** Loaded one by one: a program needs the rules of one file. */
export function ruleFile(name: string): Rules {
  return require(`./rules/${name}`).rules;
}

/** The files that hold a rule whose sentence contains a text. */
export function* allRules(containing = ""): Generator<{ file: string; rule: string }> {
  for (const file of RULE_FILES) {
    for (const rule of Object.keys(ruleFile(file))) if (rule.includes(containing)) yield { file, rule };
  }
}
