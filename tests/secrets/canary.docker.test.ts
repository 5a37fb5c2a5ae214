/**
 * Runs a program that puts a secret wherever one can get to, and searches all that is printed and written for it.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { exportStack, StackConfiguration } from "../../infra/engine";
import { PROBE_FOLDER } from "../../infra/engine/conformance/sandbox";
import { ensureImages } from "../../infra/setup/images";

const TOKEN = 'cänary "of" \\ 100%, & more/+?';
const PASSPHRASE = "correct horse battery staple";
const ROOT = path.resolve(__dirname, "..", "..");
const CLI = [
  "--require",
  path.join(ROOT, "infra/engine/host/transpile.cjs"),
  path.join(ROOT, "infra/cli/main.ts"),
];

class Canary {
  readonly folder = mkdtempSync(path.join(tmpdir(), "flotilla-canary-"));
  readonly project = path.join(this.folder, "project");
  /** Where everything is written that is searched afterwards. */
  readonly reports = path.join(this.folder, "reports");
  private readonly cloud = mkdtempSync(path.join(tmpdir(), "flotilla-cloud-"));
  printed = "";
  base = "";

  constructor() {
    cpSync(path.join(__dirname, "project"), this.project, { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules"), path.join(this.project, "node_modules"), "junction");
    for (const name of ["home", "tmp", "reports", "state"]) mkdirSync(path.join(this.folder, name));
  }

  get location() {
    return {
      ...{ directory: this.project, stack: "s", passphrase: PASSPHRASE },
      backendUrl: pathToFileURL(path.join(this.folder, "state")).href,
    };
  }

  /** Runs a command of the command line as a user does; answers its exit code and what it printed. */
  async flotilla(words: string[], environment: Record<string, string> = {}) {
    const child = spawn(process.execPath, [...CLI, ...words, "--stack", "s"], {
      cwd: this.project,
      env: {
        ...process.env,
        ...{
          PATH: `${PROBE_FOLDER}${path.delimiter}${process.env.PATH}`,
          TMPDIR: path.join(this.folder, "tmp"),
        },
        ...{ PULUMI_BACKEND_URL: this.location.backendUrl, PULUMI_CONFIG_PASSPHRASE: PASSPHRASE },
        ...{ PROBE_CLOUD: path.join(this.cloud, "cloud.json"), BASE: this.base, STORY: "", VALUE: "1" },
        NODE_OPTIONS: `--report-directory=${this.reports}`,
        ...environment,
      },
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    }
    const [code] = await once(child, "close");
    this.printed += `$ ${words.join(" ")}\n${printed}`;
    return { code, printed };
  }

  /** Everything that is on disk, by path; the probe's cloud, which stands for the outside, is elsewhere. */
  files(folder = this.folder): [string, string][] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return this.files(file);
      return entry.isFile() ? [[file, readFileSync(file, "utf8")]] : [];
    });
  }

  /** Where a secret can be read, in print or on disk, after what was looked through already. */
  leaks(secrets: Record<string, string>): string[] {
    const places: [string, string][] = [["what was printed", this.printed], ...this.files()];
    return Object.entries(secrets).flatMap(([name, text]) =>
      forms(text).flatMap((form) =>
        places.flatMap(([place, content]) => {
          const at = content.indexOf(form);
          return at < 0 ? [] : [`${name} in ${place}: …${content.slice(Math.max(0, at - 80), at + 40)}…`];
        }),
      ),
    );
  }

  remove(): void {
    for (const folder of [this.folder, this.cloud]) rmSync(folder, { recursive: true });
  }
}

/** As JSON, addresses and base64 have it; the last one is looked for by its middle. */
function forms(text: string): string[] {
  const encoded = [0, 1, 2].map((offset) => Buffer.from(`${"x".repeat(offset)}${text}`).toString("base64"));
  const json = JSON.stringify(text).slice(1, -1);
  return [
    text,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(text),
    ...encoded.map((each) => each.slice(4, -4)),
  ];
}

test("a secret is in nothing that the engine prints or writes", { timeout: 300_000 }, async (t) => {
  const canary = new Canary();
  canary.base = (await ensureImages(["redis"])).redis;
  const configuration = StackConfiguration.load(canary.project, "s", () => PASSPHRASE);
  configuration.set("token", TOKEN, { secret: true });
  configuration.save();
  t.after(async () => {
    await canary.flotilla(["destroy"]);
    canary.remove();
  });

  const secrets: Record<string, string> = { token: TOKEN, passphrase: PASSPHRASE, arn: "arn:marked-1" };
  const succeeds = async (words: string[], environment?: Record<string, string>) => {
    const { code, printed } = await canary.flotilla(words, environment);
    assert.equal(code, 0, printed);
    assert.deepEqual(canary.leaks(secrets), []);
    return printed;
  };

  await t.test("when all goes well", async () => {
    const printed = await succeeds(["preview", "--diff"]);
    assert.match(printed, /the program says \[secret\]/);
    await succeeds(["preview", "--json"]);
    await succeeds(["up"]);
    const { deployment } = await exportStack({ ...canary.location, showSecrets: true });
    const outputs = Object.fromEntries(
      Object.entries<{ plaintext?: string }>(deployment.resources[0].outputs).map(([name, { plaintext }]) => [
        name,
        plaintext === undefined ? undefined : JSON.parse(plaintext),
      ]),
    );
    // Each of them is sealed as a whole, the copies that a provider or a function made of the token too.
    const { password, key, arn } = outputs;
    assert.deepEqual(
      [outputs.token, arn, typeof password, /PRIVATE KEY/.test(key), outputs.token64, outputs.echoes.length],
      [TOKEN, "arn:marked-1", "string", true, Buffer.from(`:${TOKEN}`).toString("base64"), 5],
    );
    Object.assign(secrets, { password, key, line: key.split("\n")[3] });
    await succeeds(["up"]);
  });

  await t.test("when everything changes, and is shown", async () => {
    const changed = { VALUE: "2" };
    assert.match(await succeeds(["preview", "--diff"], changed), /\[secret\]/);
    await succeeds(["preview", "--json"], changed);
    await succeeds(["up"], changed);
    await succeeds(["refresh"], changed);
  });

  await t.test("when it is asked for", async () => {
    for (const words of [
      ["outputs"],
      ["outputs", "--json"],
      ["config"],
      ["ps"],
      ["stack", "export"],
      ["stack", "history"],
    ]) {
      await succeeds(words);
    }
  });

  for (const [story, told] of [
    ["error", /refused: \{.*\[secret\]/],
    ["partial", /quoting-1 of \{.*\[secret\]/],
    ["throwing", /cannot use \[secret\], nor \[secret\]/],
    ["build", /the token is \[secret\]|TOKEN=\[secret\]|returned a non-zero code/],
  ] as const) {
    await t.test(`when a run fails: ${story}`, async () => {
      const { code, printed } = await canary.flotilla(["up"], { STORY: story, VALUE: "2" });
      assert.equal(code, 1, printed);
      assert.match(printed, told);
      assert.deepEqual(canary.leaks(secrets), []);
    });
  }

  await t.test("when Node writes a report of a crash", async () => {
    await succeeds(["up"], { STORY: "dump", VALUE: "2" });
    assert.equal(readdirSync(canary.reports).length, 1);
  });

  await t.test("when it is destroyed", () => succeeds(["destroy"]).then(() => undefined));
});
