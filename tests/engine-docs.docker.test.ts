/** The commands of docs/engine.md, run as they stand; those of Pulumi's CLI where it is on the PATH. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { pulumiIsOnPath } from "../infra/cli/engines/search-path";

const ROOT = path.resolve(__dirname, "..");
const skip = pulumiIsOnPath(process.env, process.platform) ? false : "Pulumi's CLI is not on the PATH";

/** The commands below a heading. */
function commandsOf(heading: string): string[] {
  const page = fs.readFileSync(path.join(ROOT, "docs/engine.md"), "utf8");
  const section = page.split(/^## /m).find((each) => each.startsWith(heading))!;
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, commands]) => commands);
}

const program = `
const pulumi = require("@pulumi/pulumi");
class Part extends pulumi.ComponentResource {
  constructor(name) {
    super("docs:index:Part", name, { password: new pulumi.Config().requireSecret("token") });
    this.registerOutputs({});
  }
}
new Part("one");
exports.password = new pulumi.Config().requireSecret("token");
`;

test("the commands of docs/engine.md do what it says", { timeout: 600_000 }, async (t) => {
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-engine-docs-")));
  t.after(() => fs.rmSync(home, { recursive: true }));
  const project = path.join(home, "project");
  fs.mkdirSync(project);
  const files = {
    "Pulumi.yaml": "name: docs\nruntime: nodejs\n",
    "Pulumi.dev.yaml": "config:\n  flotilla:target: docker\n  flotilla:settings:\n    httpPort: 18732\n",
    "package.json": '{ "name": "docs", "main": "index.js" }',
    "index.js": program,
  };
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(project, name), content);
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(project, "node_modules"), "junction");
  const other = path.join(home, "other");
  fs.mkdirSync(other);

  const {
    PULUMI_BACKEND_URL: _,
    PULUMI_CONFIG_PASSPHRASE: __,
    XDG_CONFIG_HOME: ___,
    ...inherited
  } = process.env;
  const cache = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
  const environment = {
    ...{ ...inherited, HOME: home, XDG_CACHE_HOME: cache, PULUMI_SKIP_UPDATE_CHECK: "true" },
    ...{ OTHER_BACKEND: `file://${other}`, NEW_PASSPHRASE: "a new passphrase" },
  };
  const run = (commands: string) => {
    const flotilla = `npx() { shift; "${process.execPath}" "${path.join(ROOT, "bin/flotilla.js")}" "$@"; }`;
    const { status, stdout, stderr } = spawnSync("sh", ["-euc", `${flotilla}\n${commands}`], {
      ...{ cwd: project, encoding: "utf8", env: environment },
    });
    assert.equal(status, 0, `${commands}\n${stdout}${stderr}`);
    return stdout;
  };

  run("npx flotilla config set --secret token hunter2-hunter2\nnpx flotilla up --engine embedded");

  await t.test("to the CLI, back, and into another backend", { skip }, () => {
    const [there, back, elsewhere] = commandsOf("To Pulumi's CLI, and back");
    assert.match(run(there), /Engine: pulumi \(asked for by --engine\)[\s\S]*0 changes/);
    assert.match(run(back), /Engine: embedded \(asked for by --engine\)[\s\S]*0 changes/);
    const passphrase = `export PULUMI_CONFIG_PASSPHRASE_FILE="$HOME/.config/flotilla/passphrase"`;
    const opened = run(
      `${passphrase}\n${elsewhere}\npulumi stack output password --show-secrets --stack dev`,
    );
    assert.match(opened, /hunter2-hunter2\n$/);
  });

  await t.test("another passphrase", () => {
    const [change] = commandsOf("Another passphrase");
    const printed = run(`${change}\nnpx flotilla config get token`);
    assert.match(
      printed,
      /^Sealed the secrets of docs\/dev anew\.[\s\S]*password +\[secret\]\nhunter2-hunter2\n$/,
    );
    const { status, stderr } = spawnSync(process.execPath, [path.join(ROOT, "bin/flotilla.js"), "outputs"], {
      ...{ cwd: project, encoding: "utf8", env: environment },
    });
    assert.equal(status, 1);
    assert.match(stderr, /^The passphrase does not open this stack's secrets: .*\n$/);
  });
});
