import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { fakeDocker, frame, inspected, partLabels } from "../testing";
import { LogFollower } from "./log-follower";
import { type DockerApi, StackOnDocker } from "./stack-on-docker";

const at = "2026-01-01T10:00:00.000000001Z";
const later = "2026-01-01T10:00:00.000000002Z";
const running = { Status: "running" };

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
  const followed = new LogFollower(new StackOnDocker(docker, "shop/dev"), {
    lines: 7,
    signal: abort.signal,
    wanted: ({ role }) => role === "main",
    onLine: ({ replica }, { text }) => {
      told.push(`${replica} ${text}`);
      waiting.find((each) => each.text === text)?.resolve();
    },
  }).run();

  const first = line("one");
  await until(() => streams.old !== undefined);
  streams.old!.stream.write(frame(1, `${at} one\n`));
  await first;

  containers.side = inspected("side", partLabels("users", 2, "register"), running);
  containers.new = inspected("new", partLabels("users", 2, "main"), running);
  events.write('{"id":"side"}\n{"id":"n');
  events.write('ew"}\n');
  const second = line("two");
  await until(() => streams.new !== undefined);
  streams.new!.stream.write(frame(2, `${at} two\n`));
  await second;

  // The first one restarts, and Docker repeats the line of the moment that it is asked for.
  const { stream: firstStream, options: firstOptions } = streams.old!;
  delete streams.old;
  const third = line("three");
  events.write('{"id":"old"}\n');
  await until(() => streams.old !== undefined);
  streams.old!.stream.write(frame(1, `${at} one\n${later} three\n`));
  await third;

  abort.abort();
  await followed;
  assert.deepEqual(told, ["1 one", "2 two", "1 three"]);
  assert.deepEqual(Object.keys(streams), ["new", "old"]);
  const common = { stdout: true, stderr: true, timestamps: true, follow: true };
  assert.deepEqual(firstOptions, { ...common, tail: 7 });
  assert.deepEqual(streams.old!.options, { ...common, since: "1767261600.000000001" });
  assert.deepEqual(streams.new!.options, { ...common, since: undefined });
  assert.deepEqual(asked, [
    { filters: { type: ["container"], event: ["start"], label: ["flotilla.stack=shop/dev"] } },
  ]);
  assert.equal(
    [events, firstStream, streams.old!.stream, streams.new!.stream].every(({ destroyed }) => destroyed),
    true,
  );
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(setImmediate);
  }
}
