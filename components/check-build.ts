import { statSync } from "node:fs";
import { join } from "node:path";
import type { BuildArgs } from "./container";
import type { Problems } from "./problems";

/** Records it when there is nothing to build: no folder, or no Dockerfile in it. */
export function checkBuild(problems: Problems, path: string, build: string | BuildArgs): void {
  const whole = typeof build === "object";
  const { context, dockerfile = "Dockerfile" } = whole ? build : { context: build };
  const contextPath = whole ? `${path}.context` : path;
  if (!isThere(context, "isDirectory")) {
    const fix = "Write the path of one, from the project's folder.";
    problems.add(contextPath, "must be a folder that exists", context, fix);
  } else if (!isThere(join(context, dockerfile), "isFile")) {
    const given = whole && build.dockerfile !== undefined;
    const rule = given ? `must be a file in ${context}` : "must have a Dockerfile in it";
    problems.add(
      given ? `${path}.dockerfile` : contextPath,
      rule,
      given ? dockerfile : context,
      given ? "Write its path, from the context." : "Add one, or name it by build: { context, dockerfile }.",
    );
  }
  if (whole && build.platform !== undefined && !/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/.test(build.platform)) {
    const rule = "must be an operating system and a processor";
    problems.add(`${path}.platform`, rule, build.platform, 'Write "linux/amd64".');
  }
}

function isThere(path: string, is: "isFile" | "isDirectory"): boolean {
  return statSync(path, { throwIfNoEntry: false })?.[is]() ?? false;
}
