/**
 * Pulumi.yaml: the name of the project, its program, and values that all of its stacks share.
 */
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import type { Value } from "../wire/values";

export interface Project {
  name: string;
  /** The program, as a path below the project's folder; "." is its package.json's `main`. */
  main: string;
  /** Configuration by full key (`namespace:key`), which a stack's own goes before. */
  defaults: Record<string, Value>;
  /** Folder of the Pulumi.<stack>.yaml files. */
  configurationDirectory: string;
}

export function loadProject(directory: string): Project {
  const file = path.join(directory, "Pulumi.yaml");
  if (!existsSync(file)) throw new Error(`${file} is missing: the engine runs Pulumi projects only.`);
  const content = parse(readFileSync(file, "utf8")) ?? {};
  if (typeof content.name !== "string" || content.name === "") {
    throw new Error(`${file}: name must be the project's name, got ${JSON.stringify(content.name)}.`);
  }
  const runtime = typeof content.runtime === "object" ? content.runtime?.name : content.runtime;
  if (runtime !== "nodejs") {
    throw new Error(
      `${file}: the embedded engine runs programs of the runtime nodejs, got ${JSON.stringify(runtime)}.`,
    );
  }
  const defaults: Record<string, Value> = {};
  for (const [key, declared] of Object.entries<Value>(content.config ?? {})) {
    const value = declared?.value ?? declared?.default ?? (isDeclaration(declared) ? undefined : declared);
    if (value !== undefined) defaults[fullKey(content.name, key)] = value;
  }
  return {
    name: content.name,
    main: content.main ?? ".",
    defaults,
    configurationDirectory: path.resolve(directory, content.stackConfigDir ?? "."),
  };
}

/** A key without a namespace belongs to the project. */
export function fullKey(projectName: string, key: string): string {
  return key.includes(":") ? key : `${projectName}:${key}`;
}

function isDeclaration(declared: Value): boolean {
  return (
    declared !== null && typeof declared === "object" && ("type" in declared || "description" in declared)
  );
}
