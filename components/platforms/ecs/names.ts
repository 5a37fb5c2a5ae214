import { createHash } from "node:crypto";

const HASH_LENGTH = 8;

/** A name within one of AWS's limits: a longer one is cut and tells by its end, which stays the same, what it was. */
export function limited(name: string, longest: number): string {
  if (name.length <= longest) {
    return name;
  }
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  return `${name.slice(0, longest - HASH_LENGTH - 1).replace(/-+$/, "")}-${hash}`;
}

/** How long AWS lets names be. */
export const LONGEST = {
  loadBalancer: 32,
  targetGroup: 32,
  role: 64,
  bucket: 63,
  service: 255,
  function: 64,
  token: 64,
};
