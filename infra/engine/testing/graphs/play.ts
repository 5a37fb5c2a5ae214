/** `play.ts COUNT`: plays so many scenarios, other ones each time; ends with 1 and tells how to play it again where one fails. */
import { assertScenarios } from "./assert-scenarios";

assertScenarios(Number(process.argv[2]), Date.now() % 2 ** 31).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
