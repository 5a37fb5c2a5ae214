/** Runs a command line while there is a cluster, and takes that down afterwards where it was made for this: `with-cluster.ts PROGRAM ARGUMENTS`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startCluster, stopCluster } from "../infra/setup/cluster/cluster";

async function main([program, ...args]: string[]): Promise<number> {
  const { start } = await startCluster();
  try {
    const [code] = await once(spawn(program, args, { stdio: "inherit" }), "close");
    return code ?? 1;
  } finally {
    if (start === "started") {
      await stopCluster();
    }
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
