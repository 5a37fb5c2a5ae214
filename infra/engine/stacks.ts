/**
 * What can be done with a stack without running its program.
 */
import { existsSync } from "node:fs";
import * as path from "node:path";
import { STACK_TYPE } from "./deployment/urn";
import type { Outputs, ResourceSummary } from "./events";
import { loadProject } from "./project/project";
import type { Properties } from "./provider";
import { openStack, type ProjectOptions } from "./stack-files";
import { BackendLayout, ORGANIZATION } from "./state/backend";
import { foldJournal } from "./state/checkpoint-file";
import { type LockHolder, lockHolders, StackLock } from "./state/lock";
import { type ExportedDeployment, StateStore, type UpdateInfo } from "./state/store";
import { verifyIntegrity } from "./state/verify";
import { summarizeOutputs, summarizeResources } from "./summary";

/** The outputs that the last run of a stack left. */
export async function stackOutputs(options: ProjectOptions): Promise<Outputs> {
  return summarizeOutputs(openStack(options).store.load().resources);
}

/** The resources that the last run of a stack left. */
export async function stackResources(options: ProjectOptions): Promise<ResourceSummary[]> {
  return summarizeResources(openStack(options).store.load().resources);
}

/**
 * The outputs of a stack that a program refers to, by `stack`, of the same project, or by
 * `organization/project/stack`; secrets are marked.
 */
export async function readStack(
  { backendUrl, passphrase }: Pick<ProjectOptions, "backendUrl" | "passphrase">,
  ownProject: string,
  reference: string,
): Promise<Properties> {
  const parts = reference.split("/");
  const name = parts.at(-1)!;
  const isOrganization = parts.length === 1 || parts[0] === ORGANIZATION;
  if (parts.length > 3 || parts.includes("") || !isOrganization) {
    throw new Error(
      `A stack reference must be "stack" or "${ORGANIZATION}/project/stack", got "${reference}".`,
    );
  }
  const layout = new BackendLayout(backendUrl, parts.length === 3 ? parts[1] : ownProject, name);
  if (!existsSync(layout.checkpointFile)) {
    throw new Error(`There is no stack "${reference}" in ${backendUrl}.`);
  }
  const { resources } = new StateStore(layout, passphrase, undefined).load();
  return resources.find(({ type }) => type === STACK_TYPE)?.outputs ?? {};
}

export interface StackSummary {
  name: string;
  project: string;
  /** ISO time of the last write of its state. */
  lastUpdate: string;
  /** All that its state has, as Pulumi counts: with providers and the stack itself; undefined when it cannot be read. */
  resourceCount?: number;
  /** Who runs it at the moment, as far as the locks tell. */
  lockedBy: LockHolder[];
}

/** The stacks of a project in a backend, by name. */
export async function listStacks(
  options: Pick<ProjectOptions, "directory" | "backendUrl">,
): Promise<StackSummary[]> {
  const { name: project } = loadProject(path.resolve(options.directory));
  return BackendLayout.stacks(options.backendUrl, project).map((name) => {
    const layout = new BackendLayout(options.backendUrl, project, name);
    const { resourceCount, time } = StateStore.describe(layout);
    return { name, project, lastUpdate: time, resourceCount, lockedBy: lockHolders(layout.lockDirectory) };
  });
}

export interface ExportOptions extends ProjectOptions {
  /**
   * Whether secrets stand in it as plain text.
   * @default false
   */
  showSecrets?: boolean;
  /**
   * Number of an entry of {@link stackHistory}.
   * @default the state as it is now
   */
  version?: number;
}

/** The state of a stack, in the format of `pulumi stack export`. */
export async function exportStack({
  showSecrets,
  version,
  ...options
}: ExportOptions): Promise<ExportedDeployment> {
  const { store, layout } = openStack(options);
  if (!existsSync(layout.checkpointFile)) {
    throw new Error(
      `There is no stack ${options.stack} of the project ${layout.project} in ${options.backendUrl}.`,
    );
  }
  return store.export({ showSecrets: showSecrets ?? false, version });
}

export interface ImportOptions extends ProjectOptions {
  deployment: ExportedDeployment;
  /**
   * Whether it is taken although it is inconsistent or of another stack.
   * @default false
   */
  force?: boolean;
}

/**
 * Puts an exported state in the place of a stack's own; the old one is kept beside it as `.bak`. Returns what was
 * wrong with it, which is thrown without `force`.
 */
export async function importStack({ deployment, force, ...options }: ImportOptions): Promise<string[]> {
  const { store, layout } = openStack(options);
  if (![3, 4].includes(deployment.version) || typeof deployment.deployment !== "object") {
    throw new Error(
      `A deployment must be an object with "version": 3 or 4 and "deployment", got version ${JSON.stringify(deployment.version)}.`,
    );
  }
  layout.prepare();
  const lock = StackLock.acquire(layout.lockDirectory);
  try {
    const snapshot = store.decode(deployment);
    const foreign = snapshot.resources
      .filter(({ urn }) => urn.split("::")[0] !== `urn:pulumi:${options.stack}`)
      .map(({ urn }) => `${urn} is of another stack than ${options.stack}.`);
    const problems = [...foreign, ...integrityProblems(snapshot.resources)];
    if (problems.length > 0 && !force) {
      throw new Error(`It was not imported:\n${problems.join("\n")}`);
    }
    const forgotten = snapshot.pendingOperations.map(
      ({ type, resource }) => `The operation "${type}" of ${resource.urn} was under way and is forgotten.`,
    );
    await store.replace({ resources: snapshot.resources, pendingOperations: [] });
    return [...problems, ...forgotten];
  } finally {
    lock.release();
  }
}

function integrityProblems(resources: Parameters<typeof verifyIntegrity>[0]): string[] {
  try {
    verifyIntegrity(resources);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** The runs of a stack that changed it, latest first; each with its number, which counts from 1. */
export async function stackHistory(options: ProjectOptions): Promise<(UpdateInfo & { version: number })[]> {
  return openStack(options).store.history();
}

/** Takes the locks off a stack whose run is gone for good; returns whose they were. */
export async function breakLock(options: Omit<ProjectOptions, "passphrase">): Promise<LockHolder[]> {
  const { name } = loadProject(path.resolve(options.directory));
  const { lockDirectory, checkpointFile } = new BackendLayout(options.backendUrl, name, options.stack);
  const holders = lockHolders(lockDirectory);
  StackLock.break(lockDirectory);
  foldJournal(checkpointFile); // of a dead run, so that Pulumi's CLI can go on as well
  return holders;
}

/** Forgets a stack that was destroyed, with its history; its configuration stays. */
export async function removeStack({
  force,
  ...options
}: ProjectOptions & {
  /**
   * Whether it is forgotten although it has resources, which stay where they are.
   * @default false
   */
  force?: boolean;
}): Promise<void> {
  const { layout, store } = openStack(options);
  const left = summarizeResources(store.load().resources);
  if (left.length > 0 && !force) {
    throw new Error(`The stack ${options.stack} still has ${left.length} resources. Destroy it first.`);
  }
  const lock = StackLock.acquire(layout.lockDirectory);
  try {
    layout.removeFiles();
  } finally {
    lock.release();
  }
}
