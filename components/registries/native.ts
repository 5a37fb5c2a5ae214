import type { RegistryKind } from "./registry-kind";

/**
 * The target's own names: an instance is an address behind its service's DNS name, and the agent asks each one whether
 * it is ready. Nothing runs for it.
 */
export const native: RegistryKind = () => ({
  discovery: { arguments: ["--registry", "native"], bundles: [] },
});
