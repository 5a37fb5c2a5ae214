/** Which process listens on a port, from Linux's own tables below /proc. */
import * as fs from "node:fs";

/** How the kernel writes the state of a socket that listens. */
const listening = "0A";

/** The inodes of the sockets that listen on a port, from the text of /proc/net/tcp or /proc/net/tcp6. */
export function socketInodes(table: string, port: number): string[] {
  const rows = table.trim().split("\n").slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(
      ([, local, , state]) => state === listening && Number.parseInt(local!.split(":")[1]!, 16) === port,
    )
    .map((columns) => columns[9]!);
}

/** The process that has one of the sockets open, where we may see it. */
export function findListener(inodes: string[]): { pid: number; name: string } | undefined {
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const pid = pids.find((candidate) => openFiles(candidate).some((file) => wanted.has(file)));
  return pid === undefined ? undefined : { pid: Number(pid), name: processName(pid) };
}

/** Whether any program of this machine listens on a port, on whatever address. */
export function isListenedOn(port: number): boolean {
  return listenersOn(port).length > 0;
}

/** The program that listens on a port, in words. */
export function describeListener(port: number): string {
  const listener = findListener(listenersOn(port));
  return listener === undefined ? "another program" : `"${listener.name}" (process ${listener.pid})`;
}

function listenersOn(port: number): string[] {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((file) => fs.existsSync(file));
  return tables.flatMap((file) => socketInodes(fs.readFileSync(file, "utf8"), port));
}

/** What a process has open; nothing when it belongs to someone else or has just ended. */
function openFiles(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  const descriptors = whereReadable(() => fs.readdirSync(folder), []);
  // One may be closed between the two calls, as the folder's own is in our process.
  return descriptors.map((descriptor) => whereReadable(() => fs.readlinkSync(`${folder}/${descriptor}`), ""));
}

function processName(pid: string): string {
  return whereReadable(
    () => fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim(),
    "a program that has just ended",
  );
}

function whereReadable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
