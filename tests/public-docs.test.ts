/** What users import is documented: every field with its default, every class with an example that compiles. */
import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import * as ts from "typescript";

const ROOT = path.resolve(__dirname, "..");
const ENTRIES = [
  "components/index.ts",
  "components/platforms/docker/index.ts",
  "components/platforms/kubernetes/index.ts",
].map((file) => path.join(ROOT, file));
const EXAMPLES = path.join(ROOT, "tests/examples.ts");

/** What an example may take for granted. */
const PREAMBLE = `
import { AutoscalingPolicy, Gateway, Microservice, Registry, imageReference } from "../components";
import type { HardeningArgs, ProbeArgs } from "../components";
import { DockerPlatform } from "../components/platforms/docker";
import { KubernetesPlatform } from "../components/platforms/kubernetes";
`;
const DECLARATIONS: Record<string, string> = {
  platform: 'const platform = new DockerPlatform("shop");',
  registry: 'const registry = new Registry("registry", { platform, kind: "etcd" });',
  users:
    'const users = new Microservice("users", { platform, image: "users:1", replicas: { min: 1, max: 2 } });',
  orders: 'const orders = new Microservice("orders", { platform, image: "orders:1" });',
};

/** Classes that users read from but never make. */
const MADE_BY_A_PLATFORM = new Set(["DockerReplica", "DockerWorkload", "KubernetesWorkload"]);

const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(ROOT, "tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  ).options,
  noEmit: true,
};

/** Every exported symbol of the library, once. */
function exportsOf(program: ts.Program): ts.Symbol[] {
  const checker = program.getTypeChecker();
  const symbols = ENTRIES.flatMap((file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    return checker.getExportsOfModule(module);
  });
  const resolved = symbols.map((symbol) => {
    return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  });
  return [...new Set(resolved)];
}

const library = ts.createProgram(ENTRIES, options);
const exported = exportsOf(library);

function tags(node: ts.Node, name: string): string[] {
  return ts
    .getJSDocTags(node)
    .filter((tag) => tag.tagName.text === name)
    .map((tag) => ts.getTextOfJSDocComment(tag.comment) ?? "");
}

function declarations<T extends ts.Declaration>(is: (node: ts.Node) => node is T): T[] {
  return exported.flatMap((symbol) => symbol.declarations ?? []).filter((node): node is T => is(node));
}

test("every field of what users pass has a sentence, and its default where it may be left out", () => {
  const passed = declarations(ts.isInterfaceDeclaration).filter(({ name }) =>
    /Args$|^ScalingMetrics$/.test(name.text),
  );
  assert(passed.length >= 15, `found only ${passed.length} interfaces`);
  const gaps = passed.flatMap((described) =>
    described.members.filter(ts.isPropertySignature).flatMap((member) => {
      const at = `${described.name.text}.${member.name.getText()}`;
      const comment = ts.getJSDocCommentsAndTags(member).length > 0;
      const wants = member.questionToken !== undefined && tags(member, "default").length === 0;
      return [...(comment ? [] : [`${at} has no docstring`]), ...(wants ? [`${at} has no @default`] : [])];
    }),
  );
  assert.deepEqual(gaps, []);
});

test("every class that users make has a sentence, an example, and says what it throws", () => {
  const classes = declarations(ts.isClassDeclaration).filter(
    (node) => !MADE_BY_A_PLATFORM.has(node.name!.text),
  );
  assert.deepEqual(classes.map(({ name }) => name!.text).sort(), [
    "AutoscalingPolicy",
    "DockerPlatform",
    "Gateway",
    "KubernetesPlatform",
    "Microservice",
    "Registry",
  ]);
  for (const node of classes) {
    assert.equal(tags(node, "example").length, 1, `${node.name!.text} has no @example`);
    const made = node.members.find(ts.isConstructorDeclaration)!;
    assert.equal(tags(made, "throws").length, 1, `${node.name!.text} does not say what it throws`);
  }
});

test("every example compiles", () => {
  const documented = library
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(path.join(ROOT, "components/")))
    .flatMap((file) => file.statements.flatMap((statement) => tags(statement, "example")));
  assert(documented.length >= 7, `found only ${documented.length} examples`);
  const blocks = documented
    .filter((text) => !text.includes("problems."))
    .map((text) => {
      const needed = Object.keys(DECLARATIONS).filter((name) => {
        return new RegExp(`\\b${name}\\b`).test(text) && !text.includes(`const ${name} =`);
      });
      // Whatever a declaration needs comes with it.
      const all = Object.keys(DECLARATIONS).filter((name) =>
        [...needed, ...needed.map((one) => DECLARATIONS[one])].some(
          (one) => one === name || one.includes(`${name},`),
        ),
      );
      const own = all.filter((name) => !text.includes(`const ${name} =`)).map((name) => DECLARATIONS[name]);
      return `{\n${[...own, text].join("\n")}\n}`;
    });
  const source = PREAMBLE + blocks.join("\n");
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === EXAMPLES || fileExists(name);
  host.getSourceFile = (name, ...rest) => {
    return name === EXAMPLES
      ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022, true)
      : (library.getSourceFile(name) ?? getSourceFile(name, ...rest));
  };
  const program = ts.createProgram([EXAMPLES], options, host, library);
  const file = program.getSourceFile(EXAMPLES)!;
  const problems = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  const told = problems.map(({ messageText, start }) => {
    const line = source.slice(0, start).split("\n").length - 1;
    return `${ts.flattenDiagnosticMessageText(messageText, "\n")} in: ${source.split("\n")[line]}`;
  });
  assert.deepEqual(told, []);
});
