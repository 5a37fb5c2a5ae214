/** Names of objects whose program gives none, as the kubernetes plugin makes them. */
import { randomBytes } from "node:crypto";
import { type Properties, UNKNOWN } from "../../provider";
import { isObject } from "../../wire/values";
import { annotation } from "./objects";

const AUTONAMED = "pulumi.com/autonamed";

export const isAutonamed = (inputs: Properties): boolean => annotation(inputs, AUTONAMED) === "true";

/** The inputs with a name: the program's, else the old resource's, else a new one. */
export function named(inputs: Properties, resourceName: string, oldInputs?: Properties): Properties {
  const { metadata = {} } = inputs;
  if (!isObject(metadata) || metadata.name || metadata.generateName) return inputs;
  const kept = oldInputs && isAutonamed(oldInputs) ? oldInputs.metadata.name : undefined;
  const name = kept ?? `${resourceName}-${randomBytes(4).toString("hex")}`;
  const annotations =
    metadata.annotations === UNKNOWN ? UNKNOWN : { ...metadata.annotations, [AUTONAMED]: "true" };
  return { ...inputs, metadata: { ...metadata, name, annotations } };
}
