/** Every example of a docstring is a program that compiles. */
import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import * as ts from "typescript";
import { ENTRIES, libraryOptions as options, ROOT, tags } from "./library";

const EXAMPLES = path.join(ROOT, "tests/examples.ts");

/** What an example may take for granted. */
const PREAMBLE = `
import { AutoscalingPolicy, Gateway, Microservice, Registry, imageReference } from "../components";
import type { AuthenticationArgs, HardeningArgs, JwtArgs, ProbeArgs, RateLimitArgs, RouteArgs } from "../components";
import { DockerPlatform } from "../components/platforms/docker";
import { EcsPlatform, keptFileSystem } from "../components/platforms/ecs";
import { KubernetesPlatform } from "../components/platforms/kubernetes";
`;
const DECLARATIONS: Record<string, string> = {
  platform: 'const platform = new DockerPlatform("shop");',
  registry: 'const registry = new Registry("registry", { platform, kind: "etcd" });',
  users:
    'const users = new Microservice("users", { platform, image: "users:1", replicas: { min: 1, max: 2 } });',
  orders: 'const orders = new Microservice("orders", { platform, image: "orders:1" });',
};

const library = ts.createProgram(ENTRIES, options);
// Only what is bound has its docstrings.
library.getTypeChecker();

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
