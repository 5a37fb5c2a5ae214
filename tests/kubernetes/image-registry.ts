/** The image registry that Debian packages, run as a process of this machine; whoever pushes or pulls needs its password. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { hash } from "bcryptjs";
import { stringify } from "yaml";

const execute = promisify(execFile);

export interface ImageRegistry {
  /** Host and port, as image references begin. */
  address: string;
  /** Answers of its API by their status, for a kind of client. */
  answers(client: string): number[];
  stop(): Promise<void>;
}

export async function startImageRegistry(
  port: number,
  { username, password }: { username: string; password: string },
): Promise<ImageRegistry> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-image-registry-"));
  const address = `127.0.0.1:${port}`;
  await execute("apt-get", ["download", "docker-registry"], { cwd: folder });
  const [archive] = fs.readdirSync(folder);
  await execute("dpkg-deb", ["--extract", archive, "files"], { cwd: folder });
  fs.writeFileSync(path.join(folder, "passwords"), `${username}:${await hash(password, 4)}\n`);
  const configuration = {
    version: 0.1,
    log: { accesslog: { disabled: false }, level: "error" },
    storage: { filesystem: { rootdirectory: path.join(folder, "images") } },
    http: { addr: address },
    auth: { htpasswd: { realm: "test", path: path.join(folder, "passwords") } },
  };
  const file = path.join(folder, "registry.yml");
  fs.writeFileSync(file, stringify(configuration));
  const program = path.join(folder, "files", "usr", "bin", "docker-registry");
  const child = spawn(program, ["serve", file], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let accesses = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    accesses += text;
  });
  return {
    address,
    answers: (client) =>
      accesses
        .split("\n")
        .filter((line) => line.includes(`"${client}`))
        .map((line) => Number(/" (\d{3}) /.exec(line)?.[1])),
    async stop() {
      child.kill("SIGTERM");
      await closed;
      fs.rmSync(folder, { recursive: true });
    },
  };
}
