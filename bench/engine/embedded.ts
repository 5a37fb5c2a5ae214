/** Runs one verb of the embedded engine, for `bench/engine.ts`: its options are the argument, as JSON. */
import { run } from "../../infra/engine";
import { DEFAULT_PROVIDERS } from "../../infra/engine/run";
import { dockerOnPaper } from "./docker-on-paper";

const providers = { ...DEFAULT_PROVIDERS, docker: dockerOnPaper };
void run({ ...JSON.parse(process.argv[2]), providers }).then(({ succeeded, counts, diagnostics }) => {
  console.log(JSON.stringify({ counts, diagnostics }));
  process.exit(succeeded ? 0 : 1);
});
