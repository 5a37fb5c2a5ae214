import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { runProgram } from "../program";
import { fakeContext } from "../testing";
import { commands } from "./table";

const SHOP = `name: edge
registry: { kind: native }
secrets: { key: {} }
templates:
  web: { ports: [8080], memory: 64MiB }
services:
  users:
    extends: web
    image: users:1
    secretFiles: { /run/secrets/key: "key {{key}}" }
gateway: { routes: [{ path: /, to: users }] }
`;

test("explain says of each value where it comes from, and shows no secret", async (t) => {
  const { context, output, configuration } = fakeContext(t);
  writeFileSync(path.join(context.directory, "shop.yaml"), SHOP);
  configuration.values["flotilla:architecture"] = { value: "shop.yaml", secret: false };
  configuration.values["flotilla:overrides"] = {
    value: JSON.stringify({ users: { replicas: 2 } }),
    secret: false,
  };
  assert.equal(await runProgram(commands, ["explain"], context), 0);
  const wanted = [
    "name: edge  # shop.yaml:1",
    "    kind: password  # default",
    "    ports: [ 8080 ]  # shop.yaml:5 template web",
    "    memoryMiB: 64  # shop.yaml:5 template web",
    "    image: users:1  # shop.yaml:9",
    '      /run/secrets/key: "[secret]"  # shop.yaml:10',
    "    replicas: 2  # Pulumi.dev.yaml flotilla:overrides",
    "    cpuMillicores: 500  # default",
    "    - path: /  # shop.yaml:11",
    "  kind: envoy  # default",
  ];
  assert.deepEqual(
    wanted.filter((line) => !output.lines.includes(line)),
    [],
    output.text,
  );

  configuration.values["flotilla:overrides"].secret = true;
  assert.equal(await runProgram(commands, ["explain"], context), 0);
  assert(
    output.lines.includes('    replicas: "[secret]"  # Pulumi.dev.yaml flotilla:overrides'),
    output.text,
  );
});

test("a stack without a description, or with a wrong one, is told so", async (t) => {
  const { context, errors, configuration } = fakeContext(t);
  assert.equal(await runProgram(commands, ["explain"], context), 1);
  writeFileSync(path.join(context.directory, "shop.yaml"), SHOP.replace("users:1", "users"));
  configuration.values["flotilla:architecture"] = { value: "shop.yaml", secret: false };
  assert.equal(await runProgram(commands, ["explain"], context), 1);
  assert.deepEqual(errors.lines, [
    "The stack's configuration has no flotilla:architecture. Write: npx flotilla config set flotilla:architecture FILE --stack dev",
    'shop.yaml:9: services.users.image must name a version, got "users". Write "users:<version>" or "users@sha256:<digest>".',
  ]);
});
