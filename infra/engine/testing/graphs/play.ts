/** `play.ts COUNT`: plays so many scenarios, others for each commit; ends with 1 and tells how to play it again where one fails. */
import { spawnSync } from "node:child_process";
import { assertScenarios } from "./assert-scenarios";

/** The same wherever a commit is tested, so that nobody meets another's failure. */
function seedOfCommit(): number {
  const { stdout } = spawnSync("git", ["rev-parse", "HEAD"], { cwd: __dirname, encoding: "utf8" });
  return Number.parseInt(stdout?.slice(0, 7), 16) || Date.now() % 2 ** 31;
}

assertScenarios(Number(process.argv[2]), seedOfCommit()).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
