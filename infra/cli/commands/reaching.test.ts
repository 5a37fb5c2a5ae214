/** exec and port-forward, on a fake daemon. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { runProgram } from "../program";
import { fakeContext, fakeDocker, frame, inspected, partLabels } from "../testing";
import { parsePorts } from "./port-forward";
import { commands } from "./table";

const healthy = { Status: "running", Health: { Status: "healthy" } };
const containers = {
  u1: inspected("u1", partLabels("users", 1, "main"), { Status: "running", Health: { Status: "starting" } }),
  u1s: inspected("u1s", partLabels("users", 1, "sandbox"), { Status: "running" }),
  u2: inspected("u2", partLabels("users", 2, "main"), healthy),
  u2s: inspected("u2s", partLabels("users", 2, "sandbox"), { Status: "running" }),
  o1: inspected("o1", partLabels("orders", 1, "main"), { Status: "exited", ExitCode: 1 }),
};

/** What a program in a container answers to its whole input, as frames, and how it ends. */
type Program = (input: string) => { frames: Buffer[]; exitCode: number };

function install(t: TestContext, program: Program) {
  const given = fakeContext(t);
  const started: { container: string; command: string[]; terminal: boolean }[] = [];
  given.context.docker = async () => {
    const docker = fakeDocker({ containers });
    return {
      ...docker,
      getContainer: (id: string) => ({
        ...docker.getContainer(id),
        exec: async ({ Cmd, Tty = false }: { Cmd: string[]; Tty?: boolean }) => {
          started.push({ container: id, command: Cmd, terminal: Tty });
          let exitCode = -1;
          return {
            start: async () => {
              const output = new PassThrough();
              const input: Buffer[] = [];
              return Object.assign(
                new Duplex({
                  read() {
                    output.on("data", (chunk) => this.push(chunk)).on("end", () => this.push(null));
                  },
                  write: (chunk, _, done) => {
                    input.push(chunk);
                    done();
                  },
                  final: (done) => {
                    const answer = program(Buffer.concat(input).toString());
                    exitCode = answer.exitCode;
                    output.end(Buffer.concat(answer.frames));
                    done();
                  },
                }),
              );
            },
            inspect: async () => ({ ExitCode: exitCode }),
          };
        },
      }),
    } as never;
  };
  return { ...given, started };
}

test("exec hands on the streams and the exit code, to a healthy replica", async (t) => {
  const { context, started } = install(t, (input) => ({
    frames: [frame(1, `got ${input}`), frame(2, "careful")],
    exitCode: 7,
  }));
  const { stdin, stdout, stderr } = context.stdio as unknown as Record<string, PassThrough>;
  stdin!.end("words");
  assert.equal(await runProgram(commands, ["exec", "users", "--", "sort", "-r"], context), 7);
  assert.equal(stdout!.read().toString(), "got words");
  assert.equal(stderr!.read().toString(), "careful");
  assert.deepEqual(started, [{ container: "u2", command: ["sort", "-r"], terminal: false }]);
});

const unknown = 'shop/dev has no service "nobody" on Docker. It has orders, users.';
const shell =
  '"sh" cannot be run there: exec: "sh": executable file not found in $PATH. Many images have no shell; name a program that the image has. ' +
  "Each container also has /.flotilla/agent, e.g. -- /.flotilla/agent probe http://127.0.0.1:8080/";

const refused: [string[], number, string][] = [
  [["users"], 2, "exec takes a service and a command: write for example exec users -- ls -l."],
  [["nobody", "--", "ls"], 1, unknown],
  [["users", "--replica", "3", "--", "ls"], 1, 'users has no replica "3" on Docker. It has 1, 2.'],
  [["orders", "--", "ls"], 1, "orders/1 does not run: it is exited (1)."],
  [["users", "--replica", "1", "--", "sh"], 1, shell],
];

for (const [argv, code, message] of refused) {
  test(`exec ${argv.join(" ")} is refused`, async (t) => {
    const missing =
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown\n';
    const { context, errors } = install(t, () => ({ frames: [frame(1, missing)], exitCode: 126 }));
    context.stdio.stdin.push(null);
    assert.equal(await runProgram(commands, ["exec", ...argv], context), code);
    assert.equal(errors.lines[0], message);
  });
}

for (const [verb, ...argv] of [
  ["exec", "users", "--", "sh"],
  ["port-forward", "users", "8080"],
]) {
  test(`${verb} is refused where nobody gets into containers, before anything is asked of the target`, async (t) => {
    const { context, errors, configuration } = fakeContext(t);
    configuration.set("flotilla:target", "ecs", { secret: false });
    assert.equal(await runProgram(commands, [verb!, ...argv], context), 1);
    assert.match(
      errors.lines[0]!,
      new RegExp(`^${verb} is not served on AWS ECS: ECS Exec, .* See what a service`),
    );
  });
}

test("port-forward joins each connection with the replica by the agent, on loopback, until Ctrl-C", async (t) => {
  const { context, output, started } = install(t, (input) => ({
    frames: [frame(1, `echo ${input}`)],
    exitCode: 0,
  }));
  const running = runProgram(commands, ["port-forward", "users", "--replica", "1", ":8080"], context);
  while (output.lines.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [, port] = /^127\.0\.0\.1:(\d+) -> users\/1 port 8080$/.exec(output.lines[0]!)!;
  for (const words of ["one", "two"]) {
    const client = net.connect(Number(port), "127.0.0.1");
    client.end(words);
    const [answer] = await once(client, "data");
    assert.equal(answer.toString(), `echo ${words}`);
  }
  const dialled = {
    container: "u1s",
    command: ["/.flotilla/agent", "dial", "127.0.0.1:8080"],
    terminal: false,
  };
  assert.deepEqual(started, [dialled, dialled]);
  context.interruption.receive("SIGINT");
  assert.equal(await running, 0);
  await assert.rejects(once(net.connect(Number(port), "127.0.0.1"), "connect"), { code: "ECONNREFUSED" });
});

test("port-forward tells why nobody answers, and a port that is taken", async (t) => {
  const log = JSON.stringify({ level: "ERROR", msg: "dial tcp 127.0.0.1:81: connect: connection refused" });
  const { context, output, errors } = install(t, () => ({ frames: [frame(2, log)], exitCode: 1 }));
  const running = runProgram(commands, ["port-forward", "users", ":81"], context);
  while (output.lines.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const port = /:(\d+)/.exec(output.lines[0]!)![1]!;
  const client = net.connect(Number(port), "127.0.0.1").end();
  await once(client.resume(), "close");
  assert.deepEqual(errors.lines, ["users port 81: dial tcp 127.0.0.1:81: connect: connection refused"]);

  const other = install(t, () => ({ frames: [], exitCode: 0 }));
  assert.equal(await runProgram(commands, ["port-forward", "users", `${port}:81`], other.context), 1);
  assert.match(
    other.errors.lines[0]!,
    /^127\.0\.0\.1:\d+ cannot be listened on: .*EADDRINUSE.* Write for example :81 /,
  );
  context.interruption.receive("SIGINT");
  await running;
});

test("a port is PORT or LOCAL:PORT", () => {
  assert.deepEqual(parsePorts("8080"), { local: 8080, remote: 8080 });
  assert.deepEqual(parsePorts("9000:8080"), { local: 9000, remote: 8080 });
  assert.deepEqual(parsePorts(":8080"), { local: 0, remote: 8080 });
  for (const wrong of ["0", "70000", "http", "1:2:3", "70000:1", ""]) {
    assert.throws(() => parsePorts(wrong), /A port is PORT or LOCAL:PORT/);
  }
});
