/**
 * The embedded engine: runs a Pulumi program without Pulumi's CLI, on the same state.
 */

export type { SelectionOptions } from "./deployment/selection";
export type * from "./events";
export { changePassphrase, type PassphraseOptions } from "./passphrase";
export { StackConfiguration } from "./project/configuration";
export { rehearse } from "./rehearse";
export { type RunOptions, run } from "./run";
export type { ProjectOptions } from "./stack-files";
export {
  breakLock,
  type ExportOptions,
  exportStack,
  type ImportOptions,
  importStack,
  listStacks,
  removeStack,
  type StackSummary,
  stackHistory,
  stackOutputs,
  stackResources,
} from "./stacks";
export type { LockHolder } from "./state/lock";
export type { ExportedDeployment, UpdateInfo } from "./state/store";
