/** What users import, for tests that read it as TypeScript does. */
import * as path from "node:path";
import * as ts from "typescript";

export const ROOT = path.resolve(__dirname, "..");

export const ENTRIES = [
  "components/index.ts",
  "components/platforms/docker/index.ts",
  "components/platforms/kubernetes/index.ts",
  "components/platforms/ecs/index.ts",
].map((file) => path.join(ROOT, file));

export const libraryOptions: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(ROOT, "tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  ).options,
  noEmit: true,
};

/** The texts of a node's docstring under a tag, e.g. `"example"`. */
export function tags(node: ts.Node, name: string): string[] {
  return ts
    .getJSDocTags(node)
    .filter((tag) => tag.tagName.text === name)
    .map((tag) => ts.getTextOfJSDocComment(tag.comment) ?? "");
}
