/** The files of a new project, from the template beside this file. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const TEMPLATE = path.join(__dirname, "template");

/** The commands that a project's package.json has as scripts. */
const SCRIPTS = {
  up: "flotilla up",
  preview: "flotilla preview",
  refresh: "flotilla refresh",
  outputs: "flotilla outputs",
  ps: "flotilla ps",
  logs: "flotilla logs",
  config: "flotilla config",
  explain: "flotilla explain",
  down: "flotilla destroy",
};

/** Their contents by path, without package.json. */
export function templateFiles(name: string): Record<string, string> {
  const files = readdirSync(TEMPLATE, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const file = path.relative(TEMPLATE, path.join(entry.parentPath, entry.name)).split(path.sep).join("/");
      const content = readFileSync(path.join(TEMPLATE, file), "utf8").replaceAll("{{name}}", name);
      // npm leaves a file of its real name out of a package.
      return [file === "gitignore" ? ".gitignore" : file, content];
    }),
  );
}

/** A name for the project, and for its package, from that of its folder. */
export function projectName(folder: string): string {
  const name = path
    .basename(path.resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  return name.slice(0, 100).replace(/^-+|-+$/g, "") || "architecture";
}

type Manifest = Record<string, unknown>;

/** What in an existing package.json stands against ours, each as a path. */
export function conflicts({ scripts = {} }: Manifest): string[] {
  const theirs = scripts as Record<string, string>;
  return Object.entries(SCRIPTS)
    .filter(([script, command]) => Object.hasOwn(theirs, script) && theirs[script] !== command)
    .map(([script]) => `package.json scripts.${script}`);
}

/** A package.json, new or with what it has already. */
export function manifest(
  name: string,
  existing: Manifest | undefined,
  dependencies: Record<string, string>,
): string {
  const { scripts = {}, dependencies: theirs = {}, ...others } = existing ?? { name, private: true };
  const { devDependencies = {} } = others as { devDependencies?: Record<string, string> };
  const missing = Object.entries(dependencies).filter(
    ([dependency]) => !Object.hasOwn(devDependencies, dependency),
  );
  const whole = {
    ...others,
    scripts: { ...(scripts as object), ...SCRIPTS },
    dependencies: { ...Object.fromEntries(missing), ...(theirs as object) },
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
