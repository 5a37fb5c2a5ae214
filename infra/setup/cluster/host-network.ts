/** The machine's network as the cluster needs it, and as it was before. */
import * as fs from "node:fs";
import * as path from "node:path";
import { execute, findProgram, readIfPresent } from "../host";
import { executeWithInput } from "./execute-with-input";
import { removalScript } from "./firewall";
import { firewallComment, nodeAddress, podBridge, podNetwork } from "./places";

const kernelFolder = "/proc/sys";
const bridgeFilter = "net/bridge/bridge-nf-call-iptables";

/** What the cluster's programs or we set; the values before are put back. */
const kernelSettings = [
  "kernel/keys/root_maxbytes",
  "kernel/keys/root_maxkeys",
  "kernel/panic",
  "kernel/panic_on_oops",
  bridgeFilter,
  "net/ipv4/conf/all/route_localnet",
  "net/ipv4/ip_forward",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
];

/** What a pod's packets need on their way; Docker lets nothing else be forwarded, and firewalls nothing in. */
const rules: { table: string; chain: string; match: string[] }[] = [
  { table: "filter", chain: "INPUT", match: ["-i", podBridge, "-j", "ACCEPT"] },
  { table: "filter", chain: "FORWARD", match: ["-s", podNetwork, "-j", "ACCEPT"] },
  { table: "filter", chain: "FORWARD", match: ["-d", podNetwork, "-j", "ACCEPT"] },
  {
    table: "nat",
    chain: "POSTROUTING",
    match: ["-s", podNetwork, "!", "-d", podNetwork, "-j", "MASQUERADE"],
  },
];

/** What was set before the cluster came; `null` where there was no such setting. */
type KernelSettings = Record<string, string | null>;

/** Makes the machine's network ready and keeps what it was in the file `before`, where that is not known yet. */
export async function prepareNetwork(before: string): Promise<void> {
  if (!fs.existsSync(before)) {
    fs.mkdirSync(path.dirname(before), { recursive: true });
    fs.writeFileSync(before, JSON.stringify(readKernelSettings()));
  }
  await loadBridgeFilter();
  writeKernelSettings({ [bridgeFilter]: "1", "net/ipv4/ip_forward": "1" });
  await execute(program("ip"), ["address", "replace", `${nodeAddress}/32`, "dev", "lo"]);
  await removeRules();
  for (const { table, chain, match } of rules) {
    const rule = [...match, "-m", "comment", "--comment", firewallComment];
    await execute(program("iptables"), ["-w", "-t", table, "-I", chain, "1", ...rule]);
  }
}

/** Puts the machine's network back to what the file `before` says, and removes what the cluster has added. */
export async function restoreNetwork(before: string): Promise<void> {
  await removeRules();
  if (fs.existsSync(`/sys/class/net/${podBridge}`)) {
    await execute(program("ip"), ["link", "delete", podBridge]);
  }
  if (
    (await execute(program("ip"), ["-brief", "address", "show", "dev", "lo"])).includes(`${nodeAddress}/32`)
  ) {
    await execute(program("ip"), ["address", "delete", `${nodeAddress}/32`, "dev", "lo"]);
  }
  const settings = readIfPresent(before);
  if (settings !== undefined) {
    await restoreKernelSettings(JSON.parse(settings));
  }
}

async function restoreKernelSettings(settings: KernelSettings): Promise<void> {
  writeKernelSettings(settings);
  if (settings[bridgeFilter] === null) {
    // It stays when someone else has come to use it.
    await execute(program("modprobe"), ["-r", "br_netfilter"]).catch(() => {});
  }
}

/** Packets between pods must pass the rules that give Services their addresses, although no router is on their way. */
async function loadBridgeFilter(): Promise<void> {
  const file = path.join(kernelFolder, bridgeFilter);
  if (!fs.existsSync(file) && findProgram("modprobe") !== undefined) {
    await execute(program("modprobe"), ["br_netfilter"]);
  }
  if (!fs.existsSync(file)) {
    throw new Error(
      'The kernel module "br_netfilter" is needed and cannot be loaded: run "modprobe br_netfilter" on the machine itself.',
    );
  }
}

async function removeRules(): Promise<void> {
  for (const family of ["iptables", "ip6tables"]) {
    const saved = await execute(program(`${family}-save`), []);
    const script = removalScript(saved);
    if (script !== "") {
      await executeWithInput(program(`${family}-restore`), ["--noflush", "--wait"], script);
    }
  }
}

/** Programs of root may be out of a user's PATH. */
function program(name: string): string {
  return findProgram(name) ?? name;
}

function readKernelSettings(): KernelSettings {
  const read = (name: string) => readIfPresent(path.join(kernelFolder, name))?.trim() ?? null;
  return Object.fromEntries(kernelSettings.map((name) => [name, read(name)]));
}

function writeKernelSettings(settings: KernelSettings): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value !== null) {
      fs.writeFileSync(path.join(kernelFolder, name), value);
    }
  }
}
