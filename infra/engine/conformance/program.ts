/**
 * The program of the conformance rules: the one run that the environment names.
 */
import { ruleFile } from "./suite";

const { RULE_FILE, RULE, RUN } = process.env;
const run = ruleFile(RULE_FILE!)[RULE!][Number(RUN)];

export default run.program();
