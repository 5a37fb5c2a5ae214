/** What the library's interfaces say of their fields: the one place where a field's meaning and default stand. */
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { parse } from "yaml";

export interface FieldDoc {
  /** Sentences, without tags. */
  text: string;
  /** Where it is a plain value; undefined where it takes words. */
  defaultValue?: unknown;
  /** E.g. `"the image's"`. */
  defaultWords?: string;
}

/** Every interface of the folders' files, by name: its own fields and those that it extends. */
export function readDocstrings(...folders: string[]): Map<string, Map<string, FieldDoc>> {
  const interfaces = new Map<string, ts.InterfaceDeclaration>();
  const files = folders.flatMap((folder) => {
    const names = fs.readdirSync(folder).filter((name) => /(?<!\.test)\.ts$/.test(name));
    return names.sort().map((name) => path.join(folder, name));
  });
  for (const name of files) {
    const text = fs.readFileSync(name, "utf8");
    const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
    for (const declared of file.statements.filter(ts.isInterfaceDeclaration)) {
      interfaces.set(declared.name.text, declared);
    }
  }
  const fieldsOf = (declared: ts.InterfaceDeclaration): Map<string, FieldDoc> => {
    const parents = (declared.heritageClauses ?? []).flatMap(({ types }) => types);
    const inherited = parents.flatMap(({ expression }) => {
      const parent = interfaces.get(expression.getText());
      return parent === undefined ? [] : [...fieldsOf(parent)];
    });
    const own = declared.members
      .filter(ts.isPropertySignature)
      .map((member) => [member.name.getText(), docOf(member)] as const);
    return new Map([...inherited, ...own]);
  };
  return new Map([...interfaces].map(([name, declared]) => [name, fieldsOf(declared)]));
}

function docOf(member: ts.PropertySignature): FieldDoc {
  const comments = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
  const text = comments.map(({ comment }) => oneLine(ts.getTextOfJSDocComment(comment) ?? "")).join(" ");
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
  if (tag === undefined) {
    return { text };
  }
  const words = oneLine(ts.getTextOfJSDocComment(tag.comment) ?? "");
  const plain = /^(["{[]|true$|false$|\d+$)/.test(words);
  return plain ? { text, defaultValue: parse(words) } : { text, defaultWords: words.replace(/^- /, "") };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
