import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { fakeContext, temporaryFolder } from "../testing";
import { ecsTarget } from "./ecs-target";

/** What doctor tells of the plugin where these programs are on the PATH; AWS itself is not asked, as its region is missing. */
async function told(
  t: TestContext,
  programs: string[],
): Promise<{ level: string; fix?: string } | undefined> {
  const folder = temporaryFolder(t);
  for (const program of programs) {
    writeFileSync(path.join(folder, program), "");
    chmodSync(path.join(folder, program), 0o755);
  }
  const { context } = fakeContext(t);
  context.machine.environment.PATH = folder;
  const { PATH, PULUMI_HOME } = process.env;
  Object.assign(process.env, { PATH: folder, PULUMI_HOME: folder });
  t.after(() => Object.assign(process.env, { PATH, PULUMI_HOME: PULUMI_HOME ?? "" }));
  const stack = { label: "shop/prod", settings: {}, registryKind: "native" };
  const findings = await ecsTarget.diagnose(context, stack);
  const found = findings.find((one) => one.told.includes("aws plugin"));
  return found && { level: found.level, ...(found.fix && { fix: found.fix }) };
}

test("doctor says that nothing can be made at AWS without Pulumi's plugin", async (t) => {
  const fix = "Install Pulumi's CLI, which fetches it, or put pulumi-resource-aws on the PATH.";
  assert.deepEqual(await told(t, []), { level: "problem", fix });
});

test("the plugin on the PATH, or Pulumi's CLI, will do", async (t) => {
  assert.deepEqual(await told(t, ["pulumi-resource-aws"]), { level: "fine" });
  assert.deepEqual(await told(t, ["pulumi"]), { level: "fine" });
});
