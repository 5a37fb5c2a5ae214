/**
 * Kills this process at a chosen moment: just before it changes a file for the n-th time, or halfway through that, and
 * around its requests to a server.
 *
 * Whenever a kill strikes, the disk has what was written until then: a test can tell no more moments apart than these.
 */
import fs = require("node:fs");
import http = require("node:http");

// biome-ignore lint/suspicious/noExplicitAny: functions of any kind are wrapped
type Call = (...args: any[]) => any;

/** Calls that change a folder in one go. */
const WHOLE = ["mkdirSync", "renameSync", "rmSync", "unlinkSync", "linkSync", "copyFileSync"];
const WHOLE_PROMISES = ["mkdir", "rename", "rm", "unlink", "link", "copyFile", "truncate"];
/** Those that write a text, which can be cut off, and where it stands among their arguments. */
const WRITES: Record<string, number> = { writeFileSync: 1, appendFileSync: 1 };
const HANDLE_WRITES: Record<string, number> = { writeFile: 0, appendFile: 0 };

export class KillPoints {
  /** What each point so far was about, e.g. `renameSync s.json.tmp`. */
  readonly passed: string[] = [];

  /**
   * @param killAt the number of the point that kills, counted from 0; none is, if it is out of reach
   * @param counted matches the names of what counts as a point
   */
  constructor(
    private readonly killAt = Number.POSITIVE_INFINITY,
    private readonly counted = /^/,
  ) {}

  /** A moment at which the process may be killed. */
  pass(name: string): void {
    if (this.isReached(name)) this.kill();
  }

  /** Makes each change of a file by this process a point. */
  watchFiles(): void {
    for (const name of WHOLE) this.wrap(fs, name);
    for (const name of WHOLE_PROMISES) this.wrap(fs.promises, name);
    for (const [name, position] of Object.entries(WRITES)) this.wrapWrite(fs, name, position);
    const { open } = fs.promises;
    fs.promises.open = async (file, flags, mode) => {
      const reads = flags === undefined || flags === "r";
      if (!reads && !isTemporary(describe(file))) this.pass(`open ${describe(file)}`);
      const handle = await open(file, flags, mode);
      for (const [name, position] of Object.entries(HANDLE_WRITES)) {
        this.wrapWrite(handle, name, position, describe(file));
      }
      return handle;
    };
  }

  /** Makes each request that changes something a point, and its answer another one. */
  watchRequests(): void {
    const { request } = http;
    http.request = ((...args: Parameters<typeof request>) => {
      const call = request(...args);
      if (call.method !== "GET" && call.method !== "HEAD") {
        const name = `${call.method} ${call.path.replace(/\?.*/, "")}`;
        this.pass(name);
        call.prependListener("response", () => this.pass(`answer to ${name}`));
      }
      return call;
    }) as typeof request;
  }

  private wrap(owner: object, name: string): void {
    const calls = owner as Record<string, Call>;
    const call = calls[name].bind(owner);
    calls[name] = (...args) => {
      if (!isCopyToTemporary(args)) this.pass(`${name} ${describe(args[0])}`);
      return call(...args);
    };
  }

  private wrapWrite(owner: object, name: string, position: number, file?: string): void {
    const calls = owner as Record<string, Call>;
    const call = calls[name].bind(owner);
    calls[name] = (...args) => {
      const subject = file ?? describe(args[0]);
      if (isTemporary(subject)) return call(...args);
      const what = `${name} ${subject}`;
      this.pass(what);
      if (!this.isReached(`half of ${what}`)) return call(...args);
      const text = String(args[position]);
      args[position] = text.slice(0, text.length / 2);
      const written: unknown = call(...args);
      return written instanceof Promise ? written.then(() => this.kill()) : this.kill();
    };
  }

  private isReached(name: string): boolean {
    if (!this.counted.test(name)) return false;
    this.passed.push(name);
    return this.passed.length - 1 === this.killAt;
  }

  private kill(): never {
    process.kill(process.pid, "SIGKILL");
    throw new Error("unreachable");
  }
}

/** Of what nobody reads, all moments are like the one before it takes its place. */
const isTemporary = (name: string): boolean => name.endsWith(".tmp");

const isCopyToTemporary = ([, to]: unknown[]): boolean => typeof to === "string" && isTemporary(to);

function describe(file: unknown): string {
  return String(file).split("/").at(-1)!;
}
