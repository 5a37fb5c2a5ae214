/** The Pulumi project that a command works on. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { messageOf, UserError } from "./errors";

export interface Project {
  name: string;
  /** Absolute path of the folder with Pulumi.yaml. */
  directory: string;
}

/** The project of the nearest folder, from `start` upwards, that has a Pulumi.yaml. */
export function findProject(start: string): Project {
  const directory = nearest(path.resolve(start));
  if (directory === undefined) {
    throw new UserError(`There is no Pulumi.yaml in ${start} or above it. Go to the project's folder first.`);
  }
  const file = path.join(directory, "Pulumi.yaml");
  const content: unknown = parseYaml(file);
  const name =
    typeof content === "object" && content !== null && "name" in content ? content.name : undefined;
  if (typeof name !== "string" || name === "") {
    throw new UserError(`${file} has no name. Write for example "name: shop".`);
  }
  return { name, directory };
}

function nearest(directory: string): string | undefined {
  if (existsSync(path.join(directory, "Pulumi.yaml"))) {
    return directory;
  }
  const parent = path.dirname(directory);
  return parent === directory ? undefined : nearest(parent);
}

function parseYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`${file} is not valid YAML: ${messageOf(error)}`);
  }
}
