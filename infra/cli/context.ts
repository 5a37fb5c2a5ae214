/** All that commands need from the outside, so that tests can give them something else. */

import type { RunResult } from "../engine/events";
import type { HostPort, PortHolder } from "../setup/ports";
import type { DockerApi } from "./docker/stack-on-docker";
import type { Engine, EngineName, StackLocation } from "./engines/engine";
import type { Machine } from "./environment";
import type { Interruption } from "./interruption";
import type { Stdio } from "./stdio";
import type { Terminal } from "./terminal";

export interface Context {
  /** Folder that the command was started in. */
  directory: string;
  machine: Machine;
  terminal: Terminal;
  stdio: Stdio;
  interruption: Interruption;
  engines: Record<EngineName, Engine>;
  setup: Setup;
  /** Runs the program as an up does, on a copy of the state, and makes nothing. */
  rehearse(stack: StackLocation & { signal: AbortSignal }): Promise<RunResult>;
  docker(): Promise<DockerApi>;
  /** Where the Docker daemon in use answers, e.g. `unix:///var/run/docker.sock`. */
  daemonUrl(): string;
  configuration: ConfigurationLoader;
}

/** Makes the machine ready; see `infra/setup`. */
export interface Setup {
  /** Uses the daemon that answers, or installs one where that is possible. */
  ensureDocker(): Promise<unknown>;
  /** Sees to it that every third-party image can be had that a stack with such a registry may run. */
  ensureImages(registryKind: string | undefined): Promise<unknown>;
  /** What the user can do where no daemon answers; undefined where one does. */
  adviseOnDocker(): Promise<string | undefined>;
  /** Where third-party images come from on this daemon, as far as that is decided, and whether a registry answers. */
  imageSource(): Promise<{ origin: "registry" | "stand-in" | undefined; registryAnswers: boolean }>;
  findPortHolders(ports: HostPort[]): Promise<PortHolder[]>;
  /** Removes the stand-in images, and returns their names. */
  cleanStandIns(): Promise<string[]>;
  /** Writes the digests of the catalogued images, and returns what it wrote. */
  pinImages(): Promise<Record<string, string>>;
}

export interface ConfigurationValue {
  /** Text as it is, anything else as JSON; secrets are decrypted. */
  value: string;
  secret: boolean;
}

/** The configuration of one stack, in Pulumi's format; a key without a namespace is the project's. */
export interface Configuration {
  get(key: string): ConfigurationValue | undefined;
  set(key: string, value: string, options: { secret: boolean }): void;
  /** Sets a value inside the object or list of a key, and keeps the rest of it. */
  setWithin(key: string, steps: (string | number)[], value: string | number | boolean): void;
  entries(): Record<string, ConfigurationValue>;
  save(): void;
}

export type ConfigurationLoader = (
  directory: string,
  stack: string,
  passphrase: () => string,
) => Promise<Configuration>;
