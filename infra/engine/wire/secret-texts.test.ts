import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { SecretTexts } from "./secret-texts";
import { secret } from "./values";

function knowing(...texts: string[]): SecretTexts {
  const secrets = new SecretTexts();
  secrets.learn({ deep: texts.map((text) => ({ part: secret({ text }) })) });
  return secrets;
}

suite("a secret in a text", () => {
  const password = 'pass"wörd\\?&';
  for (const [how, form] of [
    ["as it is", password],
    ["as JSON writes it", JSON.stringify(password).slice(1, -1)],
    ["as an address writes it", encodeURIComponent(password)],
  ] as const) {
    test(`is masked ${how}`, () => {
      assert.equal(knowing(password).mask(`postgres://u:${form}@db`), "postgres://u:[secret]@db");
    });
  }

  test("is masked in base64, whatever stands before and after it", () => {
    for (const before of ["", "u", "u:", "usr:"]) {
      for (const after of ["", "@", "@db"]) {
        for (const encoding of ["base64", "base64url"] as const) {
          const encoded = Buffer.from(`${before}${password}${after}`).toString(encoding);
          const masked = knowing(password).mask(`auth ${encoded}.`);
          assert.match(masked, /^auth [\w+/-]{0,8}\[secret\][\w+/-]{0,8}=*\.$/);
          const left = Buffer.from(masked.slice(5).split("[secret]").join(""), encoding).toString("latin1");
          assert.ok(!left.includes("ass"), left);
        }
      }
    }
  });

  test("of several lines is masked line by line, but for what only says what it is", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const [begin, line, end] = pem.split("\n");
    const secrets = knowing(pem);
    assert.deepEqual(
      [begin, line, end].map((each) => secrets.mask(`> ${each}`)),
      [`> ${begin}`, "> [secret]", `> ${end}`],
    );
  });

  test("that holds another one is masked whole", () => {
    assert.equal(
      knowing("hunter2-hunter2", "xx-hunter2-hunter2-xx").mask("a xx-hunter2-hunter2-xx"),
      "a [secret]",
    );
  });

  test("is left where it is too short to be told from other texts", () => {
    const secrets = knowing("on", "1234567");
    assert.deepEqual([secrets.isEmpty, secrets.mask("switched on, 1234567")], [true, "switched on, 1234567"]);
  });
});
