/** What users import is documented: every field with its default, every class with an example. `public-examples.slow.test.ts` compiles those. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as ts from "typescript";
import { ENTRIES, libraryOptions, tags } from "./library";

/** Classes that users read from but never make. */
const MADE_BY_A_PLATFORM = new Set(["DockerReplica", "DockerWorkload", "KubernetesWorkload", "EcsWorkload"]);

const options: ts.CompilerOptions = { ...libraryOptions, types: [] };

/** Only our own files are read: those of the packages are many, and say nothing of ours. */
const host = ts.createCompilerHost(options);
host.resolveModuleNameLiterals = (literals, from) => {
  return literals.map(({ text }) => {
    const own = text.startsWith(".");
    return own ? ts.resolveModuleName(text, from, options, host) : { resolvedModule: undefined };
  });
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

const library = ts.createProgram(ENTRIES, options, host);
const exported = exportsOf(library);

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
    "EcsPlatform",
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
