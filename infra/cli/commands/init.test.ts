import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { imageReference } from "../../../components";
import { readDescription } from "../../description/read";
import { parseArchitecture } from "../../parse-architecture";
import { dependencies } from "../init/dependency";
import { manifest, projectName, templateFiles } from "../init/project-files";
import { runProgram } from "../program";
import { fakeContext, temporaryFolder } from "../testing";
import { commands } from "./table";

const NEEDED = { "@pulumi/pulumi": "^3.0.0", flotilla: "1.2.3" };

test("the files of a project are these, for its name", () => {
  const files = templateFiles("my-shop");
  assert.deepEqual(Object.keys(files).sort(), [
    ".gitignore",
    "Pulumi.dev.yaml",
    "Pulumi.yaml",
    "README.md",
    "architecture.yaml",
    "index.js",
    "services/hello/Dockerfile",
    "services/hello/server.js",
  ]);
  assert.match(files["Pulumi.yaml"], /^name: my-shop\n/);
  assert.match(files["README.md"], /^# my-shop\n/);
  assert.doesNotMatch(Object.values(files).join(""), /\{\{/);
});

test("its description is valid, and its Dockerfile has the catalogue's image as default", (t) => {
  const folder = temporaryFolder(t);
  const files = templateFiles("my-shop");
  writeFileSync(
    path.join(folder, "architecture.yaml"),
    files["architecture.yaml"].replace(/services\/hello/, folder),
  );
  writeFileSync(path.join(folder, "Dockerfile"), files["services/hello/Dockerfile"]);
  const { input, source } = readDescription("architecture.yaml", folder);
  const { services, gateway } = parseArchitecture(input, source);
  assert.deepEqual(services, { hello: { build: folder, ports: [8080] } });
  assert.deepEqual(gateway, { routes: [{ path: "/", to: "hello" }] });
  assert.match(
    files["architecture.yaml"],
    /^# yaml-language-server: \$schema=node_modules\/flotilla\/docs\//,
  );
  assert(
    files["services/hello/Dockerfile"].includes(`ARG NODE_IMAGE=${imageReference("node").split("@")[0]}\n`),
  );
});

for (const [folder, name] of [
  ["/srv/my-shop", "my-shop"],
  ["/srv/My Shop_2", "my-shop-2"],
  ["/srv/-a-", "a"],
  ["/", "architecture"],
]) {
  test(`a project in ${folder} is called ${name}`, () => assert.equal(projectName(folder), name));
}

test("nothing that exists is replaced, and all of it is told at once", async (t) => {
  const { context, errors } = fakeContext(t);
  const folder = path.join(context.directory, "shop");
  mkdirSync(folder);
  writeFileSync(path.join(folder, "Pulumi.yaml"), "mine");
  writeFileSync(path.join(folder, "index.js"), "mine");
  writeFileSync(path.join(folder, "package.json"), '{"scripts":{"up":"mine","down":"flotilla destroy"}}');
  assert.equal(await runProgram(commands, ["init", "shop"], context), 1);
  assert.deepEqual(errors.lines, [
    `${folder} has already what would be written, and nothing of it is replaced:`,
    "  Pulumi.yaml",
    "  index.js",
    "  package.json scripts.up",
    "Name another folder: npx flotilla init FOLDER",
  ]);
  assert.deepEqual(readdirSync(folder).sort(), ["Pulumi.yaml", "index.js", "package.json"]);
  assert.equal(readFileSync(path.join(folder, "index.js"), "utf8"), "mine");
});

test("a package.json that is there keeps what it has, and gets what is missing", () => {
  const own = { name: "mine", scripts: { test: "node --test" }, devDependencies: { flotilla: "file:f.tgz" } };
  const { scripts, ...others } = JSON.parse(manifest("other", own, NEEDED));
  assert.deepEqual(others, {
    name: "mine",
    devDependencies: { flotilla: "file:f.tgz" },
    dependencies: { "@pulumi/pulumi": "^3.0.0" },
  });
  assert.equal(scripts.test, "node --test");
  assert.equal(scripts.up, "flotilla up");
});

test("a new package.json is private, and depends on Flotilla and on Pulumi's SDK", () => {
  const { scripts, ...others } = JSON.parse(manifest("my-shop", undefined, NEEDED));
  assert.deepEqual(others, { name: "my-shop", private: true, dependencies: NEEDED });
  for (const command of Object.values(scripts as Record<string, string>)) {
    assert(Object.hasOwn(commands, command.replace("flotilla ", "")), command);
  }
});

/** An installed package, whose project names it so. */
function installed(directory: string, spec: string | undefined): string {
  const root = path.join(directory, "here/node_modules/flotilla");
  mkdirSync(root, { recursive: true });
  const ours = { version: "0.1.0", dependencies: { "@pulumi/pulumi": "^3.0.0" } };
  writeFileSync(path.join(root, "package.json"), JSON.stringify(ours));
  if (spec !== undefined) {
    const theirs = { dependencies: { flotilla: spec } };
    writeFileSync(path.join(directory, "here/package.json"), JSON.stringify(theirs));
  }
  return root;
}

for (const [spec, folder, expected] of [
  [undefined, "there", "0.1.0"],
  ["^0.1.0", "there", "^0.1.0"],
  ["github:flotilla/flotilla", "there", "github:flotilla/flotilla"],
  ["file:packed/flotilla-0.1.0.tgz", "here", "file:packed/flotilla-0.1.0.tgz"],
  ["file:packed/flotilla-0.1.0.tgz", "there", "file:../here/packed/flotilla-0.1.0.tgz"],
] as const) {
  test(`of a package installed as ${spec}, a project in ${folder} depends as ${expected}`, (t) => {
    const directory = temporaryFolder(t);
    const root = installed(directory, spec);
    assert.deepEqual(dependencies({ root, isCheckout: false }, path.join(directory, folder)), {
      "@pulumi/pulumi": "^3.0.0",
      flotilla: expected,
    });
    assert.equal(existsSync(path.join(directory, "there")), false);
  });
}
