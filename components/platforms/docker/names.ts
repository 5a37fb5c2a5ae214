import { createHash } from "node:crypto";

/** Keeps references of images, which hold 255 characters, within their bounds. */
const LONGEST_READABLE = 60;

/**
 * What every Docker name of a stack starts with, e.g. `flotilla-shop-dev`: valid in names of containers, volumes, networks
 * and images, and another one for any other project, platform or stack, as the daemon's names are shared by all of them.
 */
export function dockerPrefix(project: string, platform: string, stack: string): string {
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
