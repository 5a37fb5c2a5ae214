/** Reads the file of a description: a TypeScript module, or YAML with the lines of its values. */
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { RunError } from "@pulumi/pulumi/errors";
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { member } from "../../components/problems";
import type { Described } from "../parse-architecture";

/**
 * @param file as the configuration names it, from the project's folder.
 * @throws RunError when there is no such file, or it cannot be read.
 */
export function readDescription(file: string, directory = process.cwd()): Described {
  const absolute = path.resolve(directory, file);
  if (!existsSync(absolute)) {
    throw new RunError(
      `flotilla:architecture names ${file}, which does not exist. Write the path of a description.`,
    );
  }
  if (/\.(ya?ml|json)$/.test(file)) {
    return parseYaml(readFileSync(absolute, "utf8"), file);
  }
  const module = require(absolute) as { default?: unknown };
  if (module.default === undefined) {
    const fix = "Write `export default defineArchitecture({ … })`.";
    throw new RunError(`flotilla:architecture names ${file}, which has no default export. ${fix}`);
  }
  return { input: module.default, source: { name: file } };
}

/** @throws RunError with every place where the text is no YAML, or gives a field twice. */
export function parseYaml(text: string, file: string): Described {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false });
  const lines = new Map<string, number>();
  const wrong = document.errors.map(({ pos, message }) => {
    return `${file}:${counter.linePos(pos[0]).line}: is not valid YAML: ${message.split(/ at line |\n/)[0]}.`;
  });
  const visit = (node: Node | null, at: string, around: (Node | null)[]): void => {
    const target = isAlias(node) ? (node.resolve(document) ?? null) : node;
    if (around.includes(target)) {
      wrong.push(`${file}:${lines.get(at)}: ${at} must not contain itself. Take the alias out.`);
      return;
    }
    if (isSeq(target)) {
      target.items.forEach((item, index) => {
        enter(item as Node | null, member(at, index), item as Node | null, [...around, target]);
      });
    } else if (isMap(target)) {
      const keys = new Set<string>();
      for (const { key, value } of target.items) {
        const name = String(isScalar(key) ? key.value : key);
        const inner = member(at, name);
        if (keys.has(name)) {
          wrong.push(`${file}:${lineOf(key as Node)}: ${inner} is given twice. Take one of the two out.`);
        }
        keys.add(name);
        enter(value as Node | null, inner, key as Node, [...around, target]);
      }
    }
  };
  const lineOf = (node: Node | null): number => counter.linePos(node?.range?.[0] ?? 0).line;
  const enter = (node: Node | null, at: string, written: Node | null, around: (Node | null)[]): void => {
    lines.set(at, lineOf(written));
    visit(node, at, around);
  };
  enter(document.contents, "", document.contents, []);
  if (wrong.length > 0) {
    throw new RunError(wrong.join("\n"));
  }
  return { input: plain(document, file), source: { name: file, lines } };
}

/** The values; more aliases than a description could need are refused by the parser. */
function plain(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new RunError(`${file}: is not valid YAML: ${(error as Error).message}.`);
  }
}
