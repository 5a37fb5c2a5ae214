/** The process that keeps a cluster's programs running: started apart from us, found again by its recorded id. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { readIfPresent } from "../host";
import type { Component } from "./components";
import { within } from "./wait";

const endTimeoutMilliseconds = 30_000;

/** What the supervisor reads. */
export interface Plan {
  /** Folders that are empty for the cluster and hidden from the machine. */
  private: string[];
  logs: string;
  components: Component[];
}

interface Recorded {
  pid: number;
  /** When the process was started, in the kernel's ticks since its own start: its id may be another's by now. */
  startedAt: string;
  /** The supervisor's program, which stands for everything that was built with it. */
  programs: string[];
}

/** A supervisor in namespaces of its own, whose end takes all processes and mounts of the cluster with it. */
export class DetachedSupervisor {
  /** @param folder of its record and its plan; one whose content does not outlive a reboot */
  constructor(private readonly folder: string) {}

  /** The programs that the cluster was started with, `undefined` when it does not run. */
  get running(): string[] | undefined {
    const recorded = this.recorded;
    return recorded !== undefined && startOf(recorded.pid) === recorded.startedAt
      ? recorded.programs
      : undefined;
  }

  start(supervisor: string, plan: Plan, programs: string[]): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
    fs.mkdirSync(this.folder, { recursive: true });
    fs.mkdirSync(plan.logs, { recursive: true });
    const file = path.join(this.folder, "plan.json");
    fs.writeFileSync(file, JSON.stringify(plan));
    const log = fs.openSync(path.join(plan.logs, "supervisor.log"), "a");
    const { status, stdout } = spawnSync(supervisor, ["isolated", file], {
      cwd: "/",
      stdio: ["ignore", "pipe", log],
      encoding: "utf8",
    });
    fs.closeSync(log);
    if (status !== 0) {
      throw new Error(`The cluster cannot be set apart from this machine: see ${plan.logs}/supervisor.log.`);
    }
    const pid = Number(stdout);
    const recorded: Recorded = { pid, startedAt: startOf(pid) ?? "", programs };
    fs.writeFileSync(this.record, JSON.stringify(recorded));
  }

  /** Ends the supervisor and returns once nothing of the cluster runs. */
  async stop(): Promise<void> {
    if (this.running === undefined) {
      return;
    }
    const { pid } = this.recorded!;
    process.kill(pid, "SIGKILL");
    if (!(await within(endTimeoutMilliseconds, () => this.running === undefined))) {
      throw new Error(`The cluster's supervisor (process ${pid}) does not end.`);
    }
  }

  private get record(): string {
    return path.join(this.folder, "supervisor.json");
  }

  private get recorded(): Recorded | undefined {
    const text = readIfPresent(this.record);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

/** When a process was started; nothing when there is none, or only what is left of one until its parent looks. */
function startOf(pid: number): string | undefined {
  // The name, in parentheses, may have spaces; the state comes after it, as the third field, and the start is the 22nd.
  const [state, ...fields] = statOf(pid)
    .replace(/^.*\) /s, "")
    .split(" ");
  return state === "Z" ? undefined : fields[18];
}

function statOf(pid: number): string {
  try {
    return readIfPresent(`/proc/${pid}/stat`) ?? "";
  } catch (error) {
    // It has ended between the opening of the file and the reading.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") {
      return "";
    }
    throw error;
  }
}
