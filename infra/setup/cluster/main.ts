/** The commands `npm run cluster` and `npm run cluster:down`. */
import { type Cluster, startCluster, stopCluster } from "./cluster";
import { contextName, places } from "./places";

async function up(): Promise<string> {
  const { start, tool } = await startCluster();
  return [
    `${start === "started" ? "The cluster is ready" : "The cluster runs already"}: ` +
      `context "${contextName}" of ${places().kubeconfig}`,
    ...notes({ start, tool }),
    'Run "npm run cluster:down" to remove it.',
  ].join("\n");
}

function notes({ tool }: Cluster): string[] {
  return tool === undefined
    ? [
        `kubectl: ${places().kubectl} --kubeconfig ${places().kubeconfig}`,
        "Its network admits everyone everywhere: NetworkPolicy objects are kept, but not enforced.",
      ]
    : [`It was made by ${tool}.`];
}

async function down(): Promise<string> {
  await stopCluster();
  return "There is no cluster.";
}

const commands: Record<string, () => Promise<string>> = { up, down };

commands[process.argv[2]!]!().then(console.log, (error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
