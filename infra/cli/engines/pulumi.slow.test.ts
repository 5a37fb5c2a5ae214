/** Pulumi's real CLI, where it is on the PATH, on a program that needs no plugin. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { changePassphrase, StackConfiguration, stackOutputs } from "../../engine";
import type { EngineEvent } from "../../engine/events";
import { temporaryFolder } from "../testing";
import { PulumiEngine } from "./pulumi";
import { pulumiIsOnPath } from "./search-path";

const skip = pulumiIsOnPath(process.env, process.platform) ? false : "Pulumi's CLI is not on the PATH";

const program = `
const pulumi = require("@pulumi/pulumi");
class Part extends pulumi.ComponentResource {
  constructor(name) {
    super("shop:index:Part", name, { size: 1, password: pulumi.secret("hidden") });
    this.registerOutputs({});
  }
}
new Part("one");
new Part("two");
if (process.env.FLOTILLA_TEST_FAILS) throw new pulumi.RunError("the program gives up");
exports.url = "http://127.0.0.1";
exports.login = { password: pulumi.secret("hidden") };
`;

test("the CLI's runs, events and stacks are told as the embedded engine's", {
  skip,
  timeout: 300_000,
}, async (t) => {
  const directory = temporaryFolder(t);
  writeFileSync(path.join(directory, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(path.join(directory, "package.json"), '{"name":"shop","main":"index.js"}');
  writeFileSync(path.join(directory, "index.js"), program);
  symlinkSync(path.resolve(__dirname, "../../../node_modules"), path.join(directory, "node_modules"));
  mkdirSync(path.join(directory, "state"));
  const engine = new PulumiEngine(process.env, () => ({}));
  const backendUrl = `file://${directory}/state`;
  const location = { directory, stack: "dev", backendUrl, passphrase: "a passphrase" };
  const seen: EngineEvent[] = [];
  const run = {
    ...{ ...location, signal: new AbortController().signal },
    onEvent: (event: EngineEvent) => void seen.push(event),
  };

  const foreseen = await engine.run({ ...run, verb: "preview" });
  assert.deepEqual(foreseen, { succeeded: true, counts: { create: 3 }, diagnostics: [] });
  const one = seen.find((event) => event.kind === "step-finished" && event.name === "one");
  assert.ok(one?.kind === "step-finished");
  assert.deepEqual([one.operation, one.type], ["create", "shop:index:Part"]);
  assert.deepEqual(one.changes, [
    { path: "password", kind: "add", new: "[secret]" },
    { path: "size", kind: "add", new: 1 },
  ]);

  assert.deepEqual((await engine.run({ ...run, verb: "up" })).counts, { create: 3 });
  assert.deepEqual((await engine.run({ ...run, verb: "up" })).counts, { same: 3 });
  assert.deepEqual(await engine.outputs(location), {
    login: { value: { password: "hidden" }, secret: true },
    url: { value: "http://127.0.0.1", secret: false },
  });

  process.env.FLOTILLA_TEST_FAILS = "1";
  t.after(() => delete process.env.FLOTILLA_TEST_FAILS);
  seen.length = 0;
  const failing = new PulumiEngine(process.env, () => ({}));
  const failed = await failing.run({ ...run, verb: "up" });
  assert.equal(failed.succeeded, false);
  const errors = seen.filter((event) => event.kind === "diagnostic" && event.severity === "error");
  assert.equal(errors.length, 1);
  assert.match(JSON.stringify(errors[0]), /the program gives up/);

  const [listed] = await engine.stacks(location);
  assert.equal(listed!.name, "dev");
  const state = await engine.exportState(location);
  assert.equal(JSON.stringify(state).includes("hidden"), false);
  assert.deepEqual(await engine.importState(location, state), []);
  const results = (await engine.history(location)).map(({ kind, result }) => `${kind} ${result}`);
  assert.deepEqual(results.slice(-3), ["update failed", "update succeeded", "update succeeded"]);

  // Either engine opens what the other one has sealed anew.
  const login = { value: { password: "hidden" }, secret: true };
  const second = { ...location, passphrase: "a second passphrase" };
  const third = { ...location, passphrase: "a third passphrase" };
  const configured = ({ passphrase }: { passphrase: string }) =>
    StackConfiguration.load(directory, "dev", () => passphrase).get("token")?.value;
  const configuration = StackConfiguration.load(directory, "dev", () => location.passphrase);
  configuration.set("token", "configured", { secret: true });
  configuration.save();
  await engine.changeSecretsProvider(location, "passphrase", second.passphrase);
  assert.deepEqual([configured(second), (await stackOutputs(second)).login], ["configured", login]);
  await changePassphrase({ ...second, newPassphrase: third.passphrase });
  assert.deepEqual((await engine.outputs(third))?.login, login);
  assert.equal(configured(third), "configured");
  delete process.env.FLOTILLA_TEST_FAILS;
  const again = { ...run, ...third };
  assert.deepEqual((await engine.run({ ...again, verb: "up" })).counts, { same: 3 });
  await assert.rejects(engine.exportState(second, { showSecrets: true }), /incorrect passphrase/);
  assert.deepEqual((await engine.run({ ...again, verb: "destroy" })).counts, { delete: 3 });
  await engine.remove(third);
  assert.equal(await engine.outputs(third), undefined);
});
