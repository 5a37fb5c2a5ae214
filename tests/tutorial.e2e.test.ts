/** The tutorial, run as it stands: its files are written, its commands run in order, and what it shows must be shown. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { dockerConnection } from "../infra/engine/providers/docker/connection";
import { removeLeftovers } from "./leftovers";

const ROOT = path.resolve(__dirname, "..");
const TUTORIAL = fs.readFileSync(path.join(ROOT, "docs/tutorial.md"), "utf8");

interface Block {
  language: string;
  /** What stands behind the language: a file's name, or how the commands end. */
  about: string;
  content: string;
  heading: string;
}

/** The fenced blocks, in order. */
function blocksOf(markdown: string): Block[] {
  return markdown.split(/^## /m).flatMap((section) => {
    const heading = section.split("\n")[0];
    return [...section.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, language, about, content]) => {
      return { language, about, content, heading };
    });
  });
}

/** Where the person sits: a home of its own, in which the project is made, and then the project. */
class Desk {
  readonly home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-tutorial-")));
  private folder = ROOT;

  get project(): string {
    return path.join(this.home, "first-shop");
  }

  /** Runs commands until one fails; what they write to either stream is their output. */
  run(commands: string): { exitCode: number | null; output: string } {
    const where = path.join(this.home, "folder");
    const script = `exec 2>&1\nset -e\n${commands}\npwd > ${where}`;
    const { status, stdout } = spawnSync("bash", ["-c", script], {
      cwd: this.folder,
      env: this.environment(),
      encoding: "utf8",
    });
    if (status === 0) {
      this.folder = fs.readFileSync(where, "utf8").trim();
    }
    return { exitCode: status, output: stdout };
  }

  write(file: string, content: string): void {
    assert.equal(this.folder, this.project);
    fs.writeFileSync(path.join(this.folder, file), content);
  }

  read(file: string): string {
    return fs.readFileSync(path.join(this.folder, file), "utf8");
  }

  /** The machine's own, but for the home; what npm tells its scripts would mislead an npm elsewhere. */
  private environment(): NodeJS.ProcessEnv {
    const { env } = process;
    const old = os.homedir();
    const own = Object.entries(env).filter(([name]) => {
      return !/^(npm_(config_local_prefix|package_|lifecycle_|command|execpath)|INIT_CWD|PULUMI_)/.test(name);
    });
    return {
      ...Object.fromEntries(own),
      HOME: this.home,
      NO_COLOR: "1",
      DOCKER_CONFIG: env.DOCKER_CONFIG ?? path.join(old, ".docker"),
      XDG_CACHE_HOME: env.XDG_CACHE_HOME || path.join(old, ".cache"),
      npm_config_cache: env.npm_config_cache ?? path.join(old, ".npm"),
      npm_config_userconfig: env.npm_config_userconfig ?? path.join(old, ".npmrc"),
    };
  }
}

/** Ports that nobody has, in place of those that the tutorial names. */
async function freePorts(...named: number[]): Promise<Map<number, number>> {
  const servers = named.map(() => createServer().listen(0, "127.0.0.1"));
  const free = await Promise.all(
    servers.map(async (server) => {
      await new Promise((resolve) => server.once("listening", resolve));
      return (server.address() as { port: number }).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return new Map(named.map((port, index) => [port, free[index]]));
}

/** The lines of a text stand in the output in this order; `…` is anything. */
function assertShows(output: string, text: string): void {
  const lines = output.split("\n");
  let next = 0;
  for (const wanted of text.trimEnd().split("\n")) {
    const pattern = new RegExp(wanted.split("…").map(escaped).join(".*"));
    const found = lines.findIndex((line, index) => index >= next && pattern.test(line));
    assert(found >= 0, `not shown, or not in this order: "${wanted}" in:\n${output}`);
    next = found + 1;
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const desk = new Desk();
let ports: Map<number, number>;

before(async () => {
  for (const stack of ["dev", "staging"]) {
    await removeLeftovers(dockerConnection(), `flotilla.stack=first-shop/${stack}`);
  }
  ports = await freePorts(8080, 8081);
});

after(() => {
  for (const stack of ["staging", "dev"]) {
    if (fs.existsSync(path.join(desk.project, `Pulumi.${stack}.yaml`))) {
      desk.run(`cd ${desk.project} && npx flotilla down --stack ${stack}`);
    }
  }
  fs.rmSync(desk.home, { recursive: true });
});

/** A text with ports of this machine that are free. */
function withFreePorts(text: string): string {
  return text.replace(/(127\.0\.0\.1:|httpPort: )(808[01])\b/g, (_, before, port) => {
    return `${before}${ports.get(Number(port))}`;
  });
}

const sections = new Map<string, Block[]>();
for (const block of blocksOf(TUTORIAL)) {
  sections.set(block.heading, [...(sections.get(block.heading) ?? []), block]);
}

/** Does what one section says. */
function follow(blocks: Block[]): void {
  let output = "";
  for (const { language, about, content: written } of blocks) {
    const content = withFreePorts(written);
    if (language === "sh") {
      const result = desk.run(content);
      output = result.output;
      assert.equal(result.exitCode === 0, about !== "fails", `${content}\n${output}`);
    } else if (language === "text") {
      assertShows(output, content);
    } else if (about.startsWith("shown ")) {
      assert(desk.read(about.slice("shown ".length)).includes(content), content);
    } else {
      desk.write(about, content);
    }
    // What the template says is the tutorial's own port.
    desk.write("Pulumi.dev.yaml", withFreePorts(desk.read("Pulumi.dev.yaml")));
  }
}

test("each section does what it says", async (t) => {
  let failed = false;
  for (const [heading, blocks] of sections) {
    // What comes after a failure would be done in the wrong place.
    await t.test(heading, { skip: failed }, () => {
      failed = true;
      follow(blocks);
      failed = false;
    });
  }
});

test("nothing of it is left", async () => {
  const docker = dockerConnection();
  for (const stack of ["dev", "staging"]) {
    const filters = { label: [`flotilla.stack=first-shop/${stack}`] };
    const { Volumes: volumes } = await docker.listVolumes({ filters });
    const left = [
      await docker.listContainers({ all: true, filters }),
      await docker.listNetworks({ filters }),
      await docker.listImages({ filters: { label: filters.label } }),
      volumes ?? [],
    ];
    assert.deepEqual(left, [[], [], [], []]);
  }
});
