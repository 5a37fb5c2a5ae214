/** What a program and all that it starts cost: wall time, processor time, and the most memory that each process held. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { text } from "node:stream/consumers";

export interface Cost {
  wallSeconds: number;
  /** User and system time of every process of the tree. */
  cpuSeconds: number;
  /** The most that the executor of the program held, and each other process together; only Linux tells. */
  programMiB: number;
  engineMiB: number;
}

export interface Command {
  program: string;
  words: string[];
  directory: string;
  environment: Record<string, string>;
}

const SAMPLE_MS = 50;
/** The SDK's, which runs the program, in the command line of its process. */
const EXECUTOR = /pulumi.cmd.run/;
const KIB_PER_MIB = 1024;

/** Runs a command to its good end. */
export async function measure({ program, words, directory, environment }: Command): Promise<Cost> {
  const started = performance.now();
  // The shell tells the times of all that has ended below it.
  const child = spawn("sh", ["-c", '"$@" >&2; code=$?; times; exit $code', "sh", program, ...words], {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const peaks = new Peaks(child.pid!);
  const sampling = setInterval(() => peaks.sample(), SAMPLE_MS);
  try {
    const [times, said, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    if (code !== 0) {
      throw new Error(`${program} ${words.join(" ")} ended with ${code}:\n${said}`);
    }
    return {
      wallSeconds: (performance.now() - started) / 1000,
      cpuSeconds: secondsOf(times.trim().split("\n")[1]),
      ...peaks.total(),
    };
  } finally {
    clearInterval(sampling);
  }
}

/** Of `1m2.5s 0m0.25s`. */
function secondsOf(line: string): number {
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

/** The most that each process below another one has held, as the kernel notes it. */
class Peaks {
  private readonly peaks = new Map<string, { kib: number; isProgram: boolean }>();

  constructor(private readonly root: number) {}

  sample(): void {
    for (const pid of descendants(String(this.root))) {
      const status = read(`/proc/${pid}/status`);
      const kib = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      if (kib > 0) {
        this.peaks.set(pid, { kib, isProgram: EXECUTOR.test(read(`/proc/${pid}/cmdline`)) });
      }
    }
  }

  total(): { programMiB: number; engineMiB: number } {
    const sum = (ofProgram: boolean) =>
      [...this.peaks.values()]
        .filter(({ isProgram }) => isProgram === ofProgram)
        .reduce((total, { kib }) => total + kib / KIB_PER_MIB, 0);
    return { programMiB: sum(true), engineMiB: sum(false) };
  }
}

function descendants(pid: string): string[] {
  // Each thread has children of its own.
  const threads = list(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(" "));
  return children.filter(Boolean).flatMap((child) => [child, ...descendants(child)]);
}

function list(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** Of a process that has just ended there is nothing. */
function read(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
