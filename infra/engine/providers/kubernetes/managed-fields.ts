/** Who holds which fields of an object, by the server's own record. */

import type { Properties } from "../../provider";
import { isObject, type Value } from "../../wire/values";

interface ManagerEntry {
  manager: string;
  operation: "Apply" | "Update";
  subresource?: string;
  apiVersion: string;
  fieldsV1: Properties;
}

/** What the kubernetes plugin calls itself when it creates objects and when it updates them on its own side. */
const PLUGIN = ["pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"];

const entries = (live: Properties): ManagerEntry[] => live.metadata.managedFields ?? [];

const isPlugins = ({ manager, operation, subresource }: ManagerEntry): boolean =>
  operation === "Update" && !subresource && PLUGIN.includes(manager);

/** Whether the plugin made the object, and has not handed its fields to a manager that applies. */
export const isHeldByPlugin = (live: Properties): boolean => entries(live).some(isPlugins);

/** The record with the fields that the plugin holds as its creator given to `manager`. */
export function withPluginsFields(live: Properties, manager: string): ManagerEntry[] {
  const plugins = entries(live).filter(isPlugins);
  const mine = entries(live).find((entry) => entry.manager === manager && entry.operation === "Apply");
  const others = entries(live).filter((entry) => entry !== mine && !isPlugins(entry));
  const fields = [...(mine ? [mine] : []), ...plugins].map(({ fieldsV1 }) => fieldsV1);
  const { apiVersion } = mine ?? plugins[0];
  return [...others, { ...mine, manager, operation: "Apply", apiVersion, ...typed(fields.reduce(union)) }];
}

const typed = (fieldsV1: Properties) => ({ fieldsType: "FieldsV1", fieldsV1 });

function union(left: Value, right: Value): Value {
  if (!isObject(left) || !isObject(right)) return left;
  const merged: Properties = { ...right };
  for (const [key, part] of Object.entries(left)) merged[key] = key in right ? union(part, right[key]) : part;
  return merged;
}

/** The manager that has applied the object, when it is one of the embedded engine's. */
export const ownManager = (live: Properties, prefix: string): string | undefined =>
  entries(live).find(({ manager, operation }) => operation === "Apply" && manager.startsWith(prefix))
    ?.manager;
