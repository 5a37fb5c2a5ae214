import assert from "node:assert/strict";
import { test } from "node:test";
import { findMirror } from "./debian";

const stanza = `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

test("The host's mirror of the release is found in both formats of apt's sources", () => {
  assert.equal(findMirror(stanza), "http://mirror.example/debian");
  assert.equal(
    findMirror(
      "# deb http://no.example bookworm main\ndeb [arch=amd64] https://mirror.example/debian bookworm main contrib\n",
    ),
    "https://mirror.example/debian",
  );
});

test("Other releases, security updates, sources and what is switched off are no mirror", () => {
  assert.equal(findMirror("deb http://mirror.example/debian trixie main\n"), undefined);
  assert.equal(findMirror("deb-src http://mirror.example/debian bookworm main\n"), undefined);
  assert.equal(findMirror(stanza.replace("bookworm bookworm-updates", "bookworm-security")), undefined);
  assert.equal(findMirror(`${stanza}Enabled: no\n`), undefined);
  assert.equal(findMirror(""), undefined);
});
