/** Imports point one way. Each folder's permissions are listed; a forbidden import fails, and so does a stale permission. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import * as ts from "typescript";

const ROOT = path.resolve(__dirname, "..");

/** What the files of each folder (and below it, where that is not listed itself) may import of the repository. */
const PERMISSIONS: Record<string, string[]> = {
  // The program, named by its file as it stands in the root.
  "index.ts": ["infra", "stacks"],
  stacks: [
    "components/platforms/docker",
    "components/platforms/kubernetes",
    "components/platforms/ecs",
    "infra",
    "infra/setup",
  ],
  infra: ["components", "components/gateways", "components/registries", "infra/setup"],
  components: ["components/gateways", "components/registries"],
  "components/gateways": ["components"],
  "components/registries": ["components"],
  "components/platforms/docker": ["components", "components/platforms/shared"],
  "components/platforms/kubernetes": ["components", "components/platforms/shared"],
  "components/platforms/ecs": ["components", "components/platforms/shared"],
  "components/platforms/shared": ["components"],
};

/** Folders whose inside is their own business: what they import, and from where, is all that is held here. */
const CLOSED: Record<string, string[]> = {
  "infra/cli": ["components", "infra", "infra/engine", "infra/setup"],
  "infra/engine": [],
  "infra/setup": ["components", "infra/engine"],
};

const AREAS = [...Object.keys(PERMISSIONS), ...Object.keys(CLOSED), "services", "tests", "bench"];

/** The area of a file: the longest listed folder that it lies in. */
function areaOf(file: string): string {
  const within = AREAS.filter((area) => file === area || file.startsWith(`${area}/`));
  return within.sort((a, b) => b.length - a.length)[0] ?? path.posix.dirname(file);
}

/** What a file imports or requires, types too, as paths from the root; packages are left out. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(fs.readFileSync(path.join(ROOT, file), "utf8"), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => path.posix.join(path.posix.dirname(file), fileName));
}

function sources(folder: string): string[] {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return entry.name === "node_modules" ? [] : sources(file);
    }
    // Tests and what serves only them are at home beside the files, and look around.
    return /(?<!\.test|\.d)\.(ts|js|mjs|cjs)$/.test(entry.name) && !/(^|\/)testing(\/|\.ts)/.test(file)
      ? [file]
      : [];
  });
}

/** Every import from one area to another, with a file that has it. */
function crossings(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const file of ["index.ts", ...["stacks", "infra", "components"].flatMap(sources)]) {
    const from = areaOf(file);
    for (const imported of importsOf(file)) {
      const to = areaOf(imported);
      if (to !== from) {
        found.set(from, (found.get(from) ?? new Map()).set(to, file));
      }
    }
  }
  return found;
}

test("every import is permitted, and every permission is used", () => {
  const found = crossings();
  const permitted: Record<string, string[]> = { ...PERMISSIONS, ...CLOSED };
  const forbidden = [...found].flatMap(([from, targets]) =>
    [...targets]
      .filter(([to]) => !permitted[from]?.includes(to))
      .map(([to, file]) => `${file} must not import from ${to}`),
  );
  const stale = Object.entries(permitted).flatMap(([from, targets]) =>
    targets
      .filter((to) => !found.get(from)?.has(to))
      .map((to) => `nothing in ${from} imports from ${to} any more`),
  );
  assert.deepEqual([...forbidden, ...stale], []);
});

test("the library knows no configuration, no stack and no service", () => {
  const upwards = sources("components").flatMap((file) =>
    importsOf(file)
      .filter((imported) => !imported.startsWith("components/"))
      .map((imported) => `${file} → ${imported}`),
  );
  assert.deepEqual(upwards, []);
});

test("platforms, gateways and registries know the shared files, and nothing of each other", () => {
  for (const folder of ["components/gateways", "components/registries", "components/platforms"]) {
    const others = sources(folder).flatMap((file) =>
      importsOf(file)
        .filter((imported) => !imported.startsWith(`${folder}/`) && !/^components\/[^/]+$/.test(imported))
        .map((imported) => `${file} → ${imported}`),
    );
    assert.deepEqual(others, [], folder);
  }
});
