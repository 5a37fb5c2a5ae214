import assert from "node:assert/strict";
import { test } from "node:test";
import { PassphraseSecrets } from "./secrets";

/** Made with `pulumi config set --secret token s3cret` of Pulumi 3.260 and this passphrase. */
const PASSPHRASE = "correct horse";
const SALT = "v1:gCaY1L8nO/4=:v1:/iSu57Nq9Ssl4Rje:nv+zCCuEaa8wqe2NRDpj9OI4ynu3bA==";
const SEALED = "v1:BJlQkt1WP4a7RmmU:j6PAZcNvg8mJj7NxjfYPHE9KOXSSOQ==";

test("opens what Pulumi's own CLI has sealed", () => {
  assert.equal(PassphraseSecrets.open(PASSPHRASE, SALT).decrypt(SEALED), "s3cret");
});

test("refuses a wrong passphrase, and a salt that is none", () => {
  assert.throws(
    () => PassphraseSecrets.open("wrong", SALT),
    /The passphrase does not open this stack's secrets: /,
  );
  assert.throws(() => PassphraseSecrets.open(PASSPHRASE, "v2:x"), {
    message: 'The encryption salt must look like "v1:<salt>:v1:<nonce>:<text>", got "v2:x".',
  });
});

test("a new salt opens again, and a text is sealed differently each time", () => {
  const made = PassphraseSecrets.create(PASSPHRASE);
  const opened = PassphraseSecrets.open(PASSPHRASE, made.salt);
  const [first, second] = [made.encrypt("grüße"), made.encrypt("grüße")];
  assert.notEqual(first, second);
  assert.deepEqual([opened.decrypt(first), opened.decrypt(second)], ["grüße", "grüße"]);
});
