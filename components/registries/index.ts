/** The table of registry kinds: to add one, write its file and its line. */
import { consul } from "./consul";
import { etcd } from "./etcd";
import { native } from "./native";
import type { RegistryKind } from "./registry-kind";
import { zookeeper } from "./zookeeper";

export const registryKinds = { etcd, consul, zookeeper, native } satisfies Record<string, RegistryKind>;

export type RegistryKindName = keyof typeof registryKinds;
