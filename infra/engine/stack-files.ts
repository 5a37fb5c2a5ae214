/**
 * The files of one stack: its configuration, and its place in the backend.
 */
import * as path from "node:path";
import { configurationFile, StackConfiguration } from "./project/configuration";
import { loadProject } from "./project/project";
import { BackendLayout } from "./state/backend";
import { finishResealing } from "./state/resealing";
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
  const project = loadProject(directory);
  const layout = new BackendLayout(options.backendUrl, project.name, options.stack);
  finishResealing(layout, configurationFile(project, options.stack));
  const configuration = StackConfiguration.load(directory, options.stack, () => options.passphrase);
  const store = new StateStore(layout, options.passphrase, configuration.salt);
  return { directory, configuration, layout, store };
}
