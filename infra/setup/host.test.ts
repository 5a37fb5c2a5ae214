import assert from "node:assert/strict";
import { test } from "node:test";
import { execute, findProgram, isDebianLike, parseOsRelease, readIfPresent } from "./host";

test("An os-release file is read with and without quotes", () => {
  const text = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID='12'\nID=debian\n# a comment\n\nbroken line\n`;
  assert.deepEqual(parseOsRelease(text), {
    PRETTY_NAME: "Debian GNU/Linux 12 (bookworm)",
    VERSION_ID: "12",
    ID: "debian",
  });
});

test("Debian, Ubuntu and what is made from them are Debian-like", () => {
  assert.equal(isDebianLike({ ID: "debian" }), true);
  assert.equal(isDebianLike({ ID: "ubuntu", ID_LIKE: "debian" }), true);
  assert.equal(isDebianLike({ ID: "linuxmint", ID_LIKE: "ubuntu debian" }), true);
  assert.equal(isDebianLike({ ID: "fedora" }), false);
  assert.equal(isDebianLike({}), false);
});

test("A program's output is returned and reported line by line", async () => {
  const reported: string[] = [];
  const output = await execute(
    process.execPath,
    ["-e", "console.log('one'); console.log(process.env.WORD)"],
    (line) => reported.push(line),
    { WORD: "two" },
  );
  assert.equal(output, "one\ntwo\n");
  assert.equal(reported.at(-1), "two");
});

test("A program that fails is named with its arguments, exit code and last words", async () => {
  const script = "console.error('it broke'); process.exit(4)";
  await assert.rejects(execute(process.execPath, ["-e", script]), {
    message: `"${process.execPath} -e ${script}" failed (4):\nit broke`,
  });
});

test("What is not there is undefined", () => {
  assert.equal(readIfPresent("/no/such/file"), undefined);
  assert.equal(findProgram("no-such-program"), undefined);
});
