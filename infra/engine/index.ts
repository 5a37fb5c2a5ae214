/**
 * The embedded engine: runs a Pulumi program without Pulumi's CLI, on the same state.
 */

export type * from "./events";
export { StackConfiguration } from "./project/configuration";
export { rehearse } from "./rehearse";
export { type ProjectOptions, type RunOptions, removeStack, run, stackOutputs, stackResources } from "./run";
