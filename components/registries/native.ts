import type { RegistryKind } from "./registry-kind";

/**
 * The target's own names: an instance is an address behind a DNS name of its service's, and the agent asks each one whether
 * it is ready. Nothing runs for it.
 */
export const native: RegistryKind = ({ names }) => ({ servers: [], discovery: names });
