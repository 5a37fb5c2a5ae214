/** All that commands need from the outside, so that tests can give them something else. */
import type { DockerApi } from "./docker/stack-on-docker";
import type { Engine, EngineName } from "./engines/engine";
import type { Machine } from "./environment";
import type { Interruption } from "./interruption";
import type { Terminal } from "./terminal";

export interface Context {
  /** Folder that the command was started in. */
  directory: string;
  machine: Machine;
  terminal: Terminal;
  interruption: Interruption;
  engines: Record<EngineName, Engine>;
  setup: Setup;
  docker(): Promise<DockerApi>;
  configuration: ConfigurationLoader;
}

/** Who listens on a port of the host. */
export interface PortHolder {
  port: number;
  /** In words, e.g. `"nginx (process 4711)"`. */
  holder: string;
}

/** Makes the machine ready; see `infra/setup`. */
export interface Setup {
  /** Uses the daemon that answers, or installs one where that is possible. */
  ensureDocker(): Promise<void>;
  /** Sees to it that every third-party image can be had. */
  ensureImages(): Promise<void>;
  findPortHolders(ports: number[]): Promise<PortHolder[]>;
  /** Removes the stand-in images, and returns their names. */
  cleanStandIns(): Promise<string[]>;
  /** Writes the digests of the catalogued images, and returns what it wrote. */
  pinImages(): Promise<Record<string, string>>;
}

export interface ConfigurationValue {
  /** Secrets are decrypted. */
  value: unknown;
  secret: boolean;
}

/** The configuration of one stack, in Pulumi's format. */
export interface Configuration {
  get(key: string): ConfigurationValue | undefined;
  set(key: string, value: unknown, options: { secret: boolean }): void;
  entries(): [key: string, value: ConfigurationValue][];
  save(): void;
}

export type ConfigurationLoader = (
  directory: string,
  stack: string,
  passphrase: string,
) => Promise<Configuration>;
