import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { findProject } from "./project";
import { temporaryFolder } from "./testing";

test("the project is found from a folder below it", (t) => {
  const directory = temporaryFolder(t);
  writeFileSync(path.join(directory, "Pulumi.yaml"), "name: shop\n");
  mkdirSync(path.join(directory, "services/users"), { recursive: true });
  assert.deepEqual(findProject(path.join(directory, "services/users")), { name: "shop", directory });
});

test("a folder outside any project is refused", (t) => {
  const directory = temporaryFolder(t);
  assert.throws(() => findProject(directory), {
    message: `There is no Pulumi.yaml in ${directory} or above it. Go to the project's folder first.`,
  });
});

test("a project without a name is refused", (t) => {
  const directory = temporaryFolder(t);
  const file = path.join(directory, "Pulumi.yaml");
  writeFileSync(file, "runtime: nodejs\n");
  assert.throws(() => findProject(directory), {
    message: `${file} has no name. Write for example "name: shop".`,
  });
});
