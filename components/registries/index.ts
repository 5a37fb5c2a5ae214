/** The table of registry kinds: to add one, write its file and its line. */
import { etcd } from "./etcd";
import { native } from "./native";
import type { RegistryKind } from "./registry-kind";

export const registryKinds = { etcd, native } satisfies Record<string, RegistryKind>;

export type RegistryKindName = keyof typeof registryKinds;
