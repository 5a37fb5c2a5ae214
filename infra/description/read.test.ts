import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import shop from "../../stacks/shop";
import { parseArchitecture } from "../parse-architecture";
import { parseYaml, readDescription } from "./read";

const SHOP = `# yaml-language-server: $schema=../docs/architecture.schema.json
name: edge
registry: { kind: native }
services:
  users:
    image: users:1
    ports: [8080]
gateway:
  routes:
    - path: /
      to: users
`;

/** The message with which a text is refused. */
function refused(text: string): string {
  try {
    const { input, source } = parseYaml(text, "shop.yaml");
    parseArchitecture(input, source);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

test("a description in YAML means what it does in TypeScript", () => {
  const { input } = parseYaml(JSON.stringify(shop), "shop.yaml");
  assert.deepEqual(parseArchitecture(input, "shop.yaml"), parseArchitecture(shop, "shop.ts"));
  assert.equal(refused(SHOP), "");
});

test("every problem names the line", () => {
  const text = SHOP.replace("users:1", "users").replace("to: users", "to: user").concat("  replica: 2\n");
  assert.deepEqual(refused(text).split("\n"), [
    "shop.yaml:12: gateway.replica is no known field, got 2. Write replicas.",
    'shop.yaml:6: services.users.image must name a version, got "users". Write "users:<version>" or "users@sha256:<digest>".',
    'shop.yaml:11: gateway.routes[0].to must name a service of this architecture, got "user". Write "users".',
  ]);
});

test("what a service has from a template is told at the template, and what is missing at the service", () => {
  const text = `templates:
  web:
    image: web
${SHOP.replace("image: users:1", "extends: web").replace("[8080]", "[8080, 9090]")}`;
  assert.deepEqual(refused(text).split("\n"), [
    'shop.yaml:3: templates.web.image must name a version, got "web". Write "web:<version>" or "web@sha256:<digest>".',
    'shop.yaml:10: services.users.ports[1].name is needed from the second port on, got nothing. Write name: "admin".',
  ]);
  assert.equal(
    refused(SHOP.replace("    image: users:1\n", "")),
    'shop.yaml:5: services.users.image or build must be given, and not both, got []. Write build: "services/users".',
  );
});

test("text that is no YAML, names given twice and values within themselves are refused with their lines", () => {
  assert.equal(
    refused("a: [1\nb: 2\n"),
    "shop.yaml:2: is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ].",
  );
  assert.equal(
    refused(SHOP.replace("gateway:", "name: again\ngateway:")),
    "shop.yaml:8: name is given twice. Take one of the two out.",
  );
  assert.equal(
    refused("name: &a\n  b: *a\n"),
    "shop.yaml:2: name.b must not contain itself. Take the alias out.",
  );
  assert.equal(
    refused(""),
    "shop.yaml:1: the description must be an object, got null. Write an object, such as {}.",
  );
});

test("a file that is missing or has nothing to say is refused", (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-description-"));
  t.after(() => fs.rmSync(directory, { recursive: true }));
  assert.throws(() => readDescription("shop.yaml", directory), {
    message: "flotilla:architecture names shop.yaml, which does not exist. Write the path of a description.",
  });
  fs.writeFileSync(path.join(directory, "shop.js"), "exports.other = {};");
  assert.throws(() => readDescription("shop.js", directory), {
    message:
      "flotilla:architecture names shop.js, which has no default export. Write `export default defineArchitecture({ … })`.",
  });
  fs.writeFileSync(path.join(directory, "shop.yaml"), SHOP);
  assert.equal(readDescription("shop.yaml", directory).source.lines?.get("services.users.ports[0]"), 7);
});
