/** Programs of the machine that a node needs, installed where they are missing and we may. */
import * as fs from "node:fs";
import * as path from "node:path";
import { canInstallPackages, findProgram, installPackages } from "../host";
import { step } from "../steps.js";

/** Where distributions put the network plugins. */
const pluginFolders = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];

const plugins = ["bridge", "host-local", "loopback"];

/** Each need, how it is met, and Debian's package for it. */
const needs: Record<string, { debian: string; find(): string | undefined }> = {
  containerd: { debian: "containerd", find: () => findProgram("containerd") },
  ctr: { debian: "containerd", find: () => findProgram("ctr") },
  runc: { debian: "runc", find: () => findProgram("runc") },
  iptables: { debian: "iptables", find: () => findProgram("iptables") },
  ip: { debian: "iproute2", find: () => findProgram("ip") },
  "the CNI network plugins": { debian: "containernetworking-plugins", find: findPlugins },
};

export interface HostPrograms {
  containerd: string;
  ctr: string;
  /** Folder of the network plugins. */
  plugins: string;
}

/** Returns where the programs are. */
export async function ensureHostPrograms(): Promise<HostPrograms> {
  const missing = missingNeeds();
  if (missing.length > 0) {
    if (!canInstallPackages()) {
      throw new Error(
        `A cluster of our own needs ${missing.join(", ")}: install what is missing with your system's package manager.`,
      );
    }
    const packages = [...new Set(missing.map((name) => needs[name]!.debian))];
    await step(`Install ${packages.join(", ")}`, (report) => installPackages(packages, report));
  }
  return {
    containerd: needs.containerd!.find()!,
    ctr: needs.ctr!.find()!,
    plugins: findPlugins()!,
  };
}

function missingNeeds(): string[] {
  return Object.keys(needs).filter((name) => needs[name]!.find() === undefined);
}

function findPlugins(): string | undefined {
  return pluginFolders.find((folder) => plugins.every((name) => fs.existsSync(path.join(folder, name))));
}
