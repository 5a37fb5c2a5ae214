import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../program";
import { fakeContext } from "../testing";
import { commands } from "./table";

const namespace = {
  ...{ urn: "urn", type: "kubernetes:core/v1:Namespace", name: "namespace", outputs: {}, secret: false },
  inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
};
const manifest = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n";

test("export prints manifests and nothing else, and applies nothing", async (t) => {
  const { context, output, errors, engine, configuration, setUp } = fakeContext(t);
  configuration.values["flotilla:target"] = { value: "kubernetes", secret: false };
  const rehearsed: string[] = [];
  context.rehearse = async ({ stack }) => {
    rehearsed.push(stack);
    return { succeeded: true, counts: {}, outputs: {}, diagnostics: [], resources: [namespace] };
  };
  assert.equal(await runProgram(commands, ["export", "kubernetes", "--stack", "staging"], context), 0);
  assert.equal(output.text, manifest);
  assert.equal(errors.text, "");
  assert.deepEqual([rehearsed, engine.runs, setUp], [["staging"], [], []]);
});

test("export of a program that fails prints no manifest", async (t) => {
  const { context, output, errors, configuration } = fakeContext(t);
  configuration.values["flotilla:target"] = { value: "kubernetes", secret: false };
  const diagnostics = [{ severity: "error", message: "users is broken" } as const];
  const failed = { succeeded: false, counts: {}, outputs: {}, resources: [namespace] };
  context.rehearse = async () => ({ ...failed, diagnostics });
  assert.equal(await runProgram(commands, ["export", "kubernetes"], context), 1);
  assert.equal(output.text, "");
  assert.deepEqual(errors.lines, ["users is broken"]);
});

test("export asks for the format, and for a stack on Kubernetes", async (t) => {
  const { context, errors } = fakeContext(t);
  assert.equal(await runProgram(commands, ["export"], context), 2);
  assert.equal(errors.lines[0], '"export" needs the format: write "kubernetes".');
  errors.text = "";
  assert.equal(await runProgram(commands, ["export", "kubernetes"], context), 1);
  assert.equal(
    errors.lines[0],
    'There are manifests of stacks on Kubernetes only: flotilla:target of dev is "docker". Write for example --stack staging.',
  );
});
