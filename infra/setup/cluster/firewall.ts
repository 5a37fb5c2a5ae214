/** Which rules of the machine's firewall are the cluster's. */
import { firewallComment } from "./places";

/** Chains that Kubernetes makes: there is no other kubelet here, or ours would not have started. */
const clusterChain = /^KUBE-/;

/**
 * What removes a cluster's rules and chains and nothing else, as `iptables-restore --noflush` reads it.
 *
 * @param saved what `iptables-save` tells
 */
export function removalScript(saved: string): string {
  return saved
    .split(/^(?=\*)/m)
    .map(removalOfTable)
    .join("");
}

function removalOfTable(saved: string): string {
  const lines = saved.split("\n");
  const table = lines[0]!;
  const chains = lines
    .filter((line) => line.startsWith(":"))
    .map((line) => line.slice(1).split(" ")[0]!)
    .filter((chain) => clusterChain.test(chain));
  const rules = lines.filter((line) => line.startsWith("-A ") && isOursInAnotherChain(line));
  if (!table.startsWith("*") || chains.length + rules.length === 0) {
    return "";
  }
  const commands = [
    ...rules.map((rule) => rule.replace("-A", "-D")),
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
  ];
  return `${[table, ...commands, "COMMIT"].join("\n")}\n`;
}

function isOursInAnotherChain(rule: string): boolean {
  const [, chain] = rule.split(" ");
  const target = /(?:-j|-g) (\S+)/.exec(rule)?.[1] ?? "";
  return !clusterChain.test(chain!) && (clusterChain.test(target) || rule.includes(firewallComment));
}
