/** Who answers questions for names on this machine. */
import { readIfPresent } from "../host";

/** Where systemd keeps the servers behind its own one. */
const behindSystemd = "/run/systemd/resolve/resolv.conf";

/** The servers in the text of a `resolv.conf`. */
export function nameServers(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address]) => address!);
}

/** The text of a `resolv.conf` without the servers on the loopback device, which pods cannot reach. */
export function withoutLoopback(resolvConf: string): string {
  return resolvConf
    .split("\n")
    .filter((line) => !/^nameserver\s+(127\.|::1)/.test(line))
    .join("\n");
}

/** The machine's `resolv.conf` for pods. */
export function podResolvConf(): string {
  return withoutLoopback(readIfPresent(behindSystemd) ?? readIfPresent("/etc/resolv.conf") ?? "");
}
