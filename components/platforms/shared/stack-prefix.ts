import { createHash } from "node:crypto";

/** With the hash behind it, a Kubernetes namespace's name may have this many characters: 63. */
const LONGEST_READABLE = 54;

/**
 * What every name of a stack starts with, e.g. `flotilla-shop-dev`: valid in names of Docker's containers, volumes, networks
 * and images and of Kubernetes' namespaces, and another one for any other project, platform or stack, as a daemon's or a
 * cluster's names are shared by all of them.
 */
export function stackPrefix(project: string, platform: string, stack: string): string {
  const parts = [project, platform, stack];
  const plain = parts.join("-");
  // Three words without a dash can be read in one way only, also with a dash and more behind them.
  if (parts.every((part) => /^[a-z0-9]+$/.test(part)) && plain.length <= LONGEST_READABLE) {
    return plain;
  }
  const readable = plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST_READABLE)
    .replace(/^-|-$/g, "");
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 8);
  return `${readable}-${hash}`;
}
