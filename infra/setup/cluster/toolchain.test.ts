import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { standInRecipes } from "../stand-ins/recipes";
import { isNewEnough } from "./toolchain";

const table: [string, boolean][] = [
  ["go1.26.4", true],
  ["go1.26.8", true],
  ["go1.27", true],
  ["go1.27rc1", true],
  ["go2.0.1", true],
  ["go1.26.3", false],
  ["go1.26", false],
  ["go1.19.8", false],
  ["devel", false],
];

for (const [version, expected] of table) {
  test(`${version} can ${expected ? "" : "not "}build the cluster`, () => {
    assert.equal(isNewEnough(version), expected);
  });
}

test("The Go that is brought along, and the oldest that is taken, suit every module", () => {
  assert.equal(isNewEnough(`go${standInRecipes.golang.version}`), true);
  for (const name of ["kubernetes", "kwok", "supervisor"]) {
    const module = fs.readFileSync(path.join(__dirname, name, "go.mod"), "utf8");
    const [, wanted] = /^go (\S+)$/m.exec(module)!;
    assert.equal(["1.26.0", "1.26.4"].includes(wanted!), true, `${name} wants Go ${wanted}`);
  }
});
