/** Who answers questions for names on this machine. */
import { readIfPresent } from "../host";

/** Where systemd keeps the servers behind its own one. */
const behindSystemd = "/run/systemd/resolve/resolv.conf";

/** The servers in the text of a `resolv.conf`. */
export function nameServers(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address]) => address!);
}

/** The machine's `resolv.conf` for pods: its servers on the loopback device are out of their reach. */
export function podResolvConf(): string {
  const text = readIfPresent(behindSystemd) ?? readIfPresent("/etc/resolv.conf") ?? "";
  return text
    .split("\n")
    .filter((line) => !/^nameserver\s+(127\.|::1)/.test(line))
    .join("\n");
}
