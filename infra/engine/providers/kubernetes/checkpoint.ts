/** What the state holds of an object: its live form, and beside it what made it, in the kubernetes plugin's layout. */
import { randomBytes } from "node:crypto";
import type { Properties } from "../../provider";
import { annotation, toKubernetes, toPulumi } from "./objects";

/** What the embedded engine's field managers begin with; each resource has one of its own, as in the plugin. */
export const MANAGER_PREFIX = "flotilla-";

export interface Checkpoint {
  /** The live object as it was last seen, in Kubernetes' names. */
  live: Properties;
  inputs: Properties;
  fieldManager: string;
  initialApiVersion: string;
}

/** The outputs to store. */
export function outputsOf({ live, inputs, fieldManager, initialApiVersion }: Checkpoint): Properties {
  return {
    ...toPulumi(live),
    __fieldManager: fieldManager,
    __initialApiVersion: initialApiVersion,
    __inputs: toPulumi(inputs),
  };
}

/** Reads stored outputs; `inputs` are the stored ones, for a state that holds them there only. */
export function readCheckpoint(outputs: Properties, inputs: Properties): Checkpoint {
  const { __inputs, __fieldManager, __initialApiVersion, ...live } = outputs;
  return {
    live: toKubernetes(live),
    inputs: toKubernetes(__inputs ?? inputs),
    fieldManager: __fieldManager ?? newFieldManager(inputs),
    initialApiVersion: __initialApiVersion ?? live.apiVersion ?? inputs.apiVersion,
  };
}

/** The manager that the program names, else a new one. */
export function newFieldManager(inputs: Properties): string {
  return (
    annotation(inputs, "pulumi.com/patchFieldManager") ?? `${MANAGER_PREFIX}${randomBytes(4).toString("hex")}`
  );
}
