import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { Terminal } from "../terminal";
import { fakeDocker, frame, inspected, partLabels, Recorder } from "../testing";
import { followLogs, LogPrinter } from "./logs";
import { type DockerApi, type Part, StackOnDocker } from "./stack-on-docker";

const at = "2026-01-01T10:00:00.000000001Z";
const running = { Status: "running" };

const part = (workload: string, replica: number): Part => ({
  ...{ id: `${workload}${replica}`, name: "", role: "main", state: "running", ports: [], tty: false },
  workload,
  replica,
});

test("lines stand behind their replica, in the colour of their workload", () => {
  const output = new Recorder(true);
  const parts = [part("orders", 1), part("users", 1), part("users", 2)];
  const printer = new LogPrinter(new Terminal(output, new Recorder(), {}), parts);
  printer.print(parts[2]!, { at, text: "ready" });
  printer.print(parts[0]!, { at, text: "" });
  assert.deepEqual(output.lines, ["\u001b[32musers/2  |\u001b[0m ready", "\u001b[36morders/1 |\u001b[0m "]);
});

test("following goes on with containers that start later, until it is aborted", async () => {
  const containers: Record<string, object> = {
    old: inspected("old", partLabels("users", 1, "main"), running),
  };
  const events = new PassThrough();
  const streams: Record<string, { stream: PassThrough; options: object }> = {};
  const asked: object[] = [];
  const docker = {
    ...fakeDocker({ containers }),
    getEvents: async (options: object) => {
      asked.push(options);
      return events;
    },
    getContainer: (id: string) => ({
      inspect: async () => containers[id],
      logs: async (options: object) => {
        streams[id] = { stream: new PassThrough(), options };
        return streams[id].stream;
      },
    }),
  } as unknown as DockerApi;

  const told: string[] = [];
  const abort = new AbortController();
  const waiting: { text: string; resolve: () => void }[] = [];
  const line = (text: string) => new Promise<void>((resolve) => waiting.push({ text, resolve }));
  const followed = followLogs(new StackOnDocker(docker, "shop/dev"), {
    lines: 7,
    signal: abort.signal,
    wanted: ({ role }) => role === "main",
    onLine: ({ replica }, { text }) => {
      told.push(`${replica} ${text}`);
      waiting.find((each) => each.text === text)?.resolve();
    },
  });

  const first = line("one");
  await until(() => streams.old !== undefined);
  streams.old!.stream.write(frame(1, `${at} one\n`));
  await first;

  containers.side = inspected("side", partLabels("users", 2, "register"), running);
  containers.new = inspected("new", partLabels("users", 2, "main"), running);
  events.write('{"id":"side","timeNano":1767261600000000000}\n{"id":"new","time');
  events.write('Nano":1767261600500000000}\n');
  const second = line("two");
  await until(() => streams.new !== undefined);
  streams.new!.stream.write(frame(2, `${at} two\n`));
  await second;

  abort.abort();
  await followed;
  assert.deepEqual(told, ["1 one", "2 two"]);
  assert.deepEqual(Object.keys(streams), ["old", "new"]);
  const common = { stdout: true, stderr: true, timestamps: true, follow: true };
  assert.deepEqual(streams.old!.options, { ...common, tail: 7 });
  assert.deepEqual(streams.new!.options, { ...common, since: "1767261600.500000" });
  assert.deepEqual(asked, [
    { filters: { type: ["container"], event: ["start"], label: ["flotilla.stack=shop/dev"] } },
  ]);
  assert.equal(
    [events, streams.old!.stream, streams.new!.stream].every(({ destroyed }) => destroyed),
    true,
  );
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(setImmediate);
  }
}
