/**
 * The files of one stack: its configuration, and its place in the backend.
 */
import * as path from "node:path";
import { StackConfiguration } from "./project/configuration";
import { BackendLayout } from "./state/backend";
import { StateStore } from "./state/store";

export interface ProjectOptions {
  /** Folder of Pulumi.yaml. */
  directory: string;
  stack: string;
  /** `file://` and the folder that holds the states. */
  backendUrl: string;
  passphrase: string;
}

export function openStack(options: ProjectOptions) {
  const directory = path.resolve(options.directory);
  const configuration = StackConfiguration.load(directory, options.stack, () => options.passphrase);
  const layout = new BackendLayout(options.backendUrl, configuration.project.name, options.stack);
  const store = new StateStore(layout, options.passphrase, configuration.salt);
  return { directory, configuration, layout, store };
}
