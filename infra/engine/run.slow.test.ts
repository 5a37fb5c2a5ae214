import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { type EngineEvent, type RunOptions, run, StackConfiguration, stackOutputs, stackResources } from ".";
import { createRandomProvider } from "./providers/random";
import { createTlsProvider } from "./providers/tls";
import { FakeProvider } from "./testing/fake-provider";

let directory: string;
let cloud: FakeProvider;
let location: { directory: string; stack: string; backendUrl: string; passphrase: string };

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "flotilla-run-"));
  cloud = new FakeProvider(path.join(directory, "cloud.json"));
  const program = path.join(directory, "program");
  cpSync(path.join(__dirname, "testing", "fixture"), program, { recursive: true });
  symlinkSync(
    path.join(__dirname, "..", "..", "node_modules"),
    path.join(directory, "node_modules"),
    "junction",
  );
  location = {
    directory: program,
    stack: "s",
    backendUrl: `file://${directory}`,
    passphrase: "correct horse",
  };
});
afterEach(() => rmSync(directory, { recursive: true }));

function go(scenario: string, value = "1", options: Partial<RunOptions> = {}) {
  cloud.calls.length = 0;
  return run({
    ...{ ...location, verb: "up" },
    providers: { fake: () => cloud, random: createRandomProvider, tls: createTlsProvider },
    environment: { SCENARIO: scenario, VALUE: value },
    ...options,
  });
}

function configureToken(): void {
  const configuration = StackConfiguration.load(location.directory, "s", () => location.passphrase);
  configuration.set("token", "swordfish-9", { secret: true });
  configuration.save();
}

const stored = () => readFileSync(path.join(directory, ".pulumi/stacks/fixture/s.json"), "utf8");

suite("a program run by the SDK", () => {
  test("everything once: outputs, secrets, transforms, hooks, functions, configuration, then no change", async () => {
    configureToken();

    const made = await go("everything");
    assert.deepEqual(made.diagnostics, [{ severity: "info", message: "hook of hooked" }]);
    assert.equal(made.succeeded, true);
    assert.deepEqual(made.counts, { create: 8 });
    const [first, second] = ["first", "second"].map((name) =>
      made.resources.find((resource) => resource.name === name),
    );
    const { password, publicKey, ...others } = made.outputs;
    const open = (value: unknown) => ({ value, secret: false });
    assert.deepEqual(others, {
      arn: open(`arn:${first?.id}`),
      chained: open(`echo-arn:${first?.id}`),
      transformed: open("transformed"),
      answer: open(42),
      greeting: open("hello"),
      nested: open({ list: [1, 2] }),
    });
    assert.equal(password.secret, true);
    assert.match(String(password.value), /^.{20}$/);
    assert.match(String(publicKey.value), /^-----BEGIN PUBLIC KEY-----/);
    const text = stored();
    for (const secret of ["swordfish-9", String(password.value), "PRIVATE KEY"])
      assert.ok(!text.includes(secret));
    assert.deepEqual(await stackOutputs(location), made.outputs);
    assert.deepEqual(await stackResources(location), made.resources);
    assert.equal(second?.inputs.secretValue, "swordfish-9");

    const again = await go("everything");
    assert.deepEqual([again.counts, again.outputs, cloud.calls], [{ same: 8 }, made.outputs, []]);
    const planned = await go("everything", "2", { verb: "preview" });
    assert.deepEqual([planned.counts, cloud.calls], [{ same: 7, update: 1 }, []]);
    const gone = await go("everything", "1", { verb: "destroy" });
    assert.deepEqual([gone.succeeded, gone.counts, cloud.ids()], [true, { delete: 8 }, []]);
  });

  test("a step that fails is told once, and the program is stopped", async () => {
    const events: EngineEvent[] = [];
    const result = await go("failing", "create", { onEvent: (event) => events.push(event) });
    const urn = "urn:pulumi:s::fixture::fake:index:Thing::second";
    assert.equal(result.succeeded, false);
    assert.deepEqual(result.diagnostics, [{ severity: "error", urn, message: "quota exceeded for second" }]);
    const failed = events.filter(({ kind }) => kind === "step-failed" || kind === "diagnostic");
    assert.deepEqual(
      failed.map((event) => ({ ...event, durationMs: 0 })),
      [
        {
          ...{ kind: "step-failed", operation: "create", urn, type: "fake:index:Thing", name: "second" },
          ...{ durationMs: 0, message: "quota exceeded for second" },
        },
      ],
    );
    assert.deepEqual(cloud.ids(), ["first-1"]);
  });

  test("a program does not begin before the state has been read", async () => {
    const sign = path.join(directory, "sign");
    configureToken();
    await go("everything");
    await assert.rejects(go("marking", sign, { passphrase: "wrong horse" }), /The passphrase does not open/);
    assert.equal(existsSync(sign), false);
    await go("marking", sign);
    assert.equal(existsSync(sign), true);
  });

  test("configuration is not in what a program's process was started with", {
    skip: !existsSync("/proc/self/environ") && "the system shows no process's environment as a file",
  }, async () => {
    configureToken();
    const { diagnostics } = await go("environment");
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      ["true false true"],
    );
  });

  test("a program that asks for what the engine lacks is told so, and where to find it", async () => {
    const result = await go("lacking");
    assert.equal(result.succeeded, false);
    assert.match(
      result.diagnostics.map(({ message }) => message).join(),
      /The embedded engine does not support error hooks\. Deploy with Pulumi's CLI \(--engine pulumi\)\./,
    );
  });

  test("a program that throws deletes nothing, and its error names its own line", async () => {
    await go("failing");
    const result = await go("throwing");
    assert.equal(result.succeeded, false);
    assert.deepEqual(cloud.ids(), ["first-1", "second-2", "third-3"]);
    const [{ severity, message }, ...more] = result.diagnostics;
    assert.deepEqual([severity, more], ["error", []]);
    assert.match(
      message,
      /failed with an unhandled exception:\nError: the program is wrong\n {4}at .*scenarios\.ts:\d+/,
    );
  });
});
