/** Secrets in plain text: what a description or a program should not hold, as it lies in a repository. */
import { member, NOT_SHOWN, type Problems } from "./problems";

/** Variables whose last word says that the value itself is a secret: not `…_FILE`, nor `TOKEN_TTL`. */
const SECRET_NAME =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS|((API|ACCESS|SECRET|PRIVATE|SIGNING|ENCRYPTION|MASTER)_?KEY))$/i;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const URL_WITH_PASSWORD = /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:[^\s/@]+@/i;

type Values = Record<string, unknown>;

/** Records every secret in plain text; values that Pulumi computes are not looked at, as they stand in no file. */
export function checkPlainSecrets(
  problems: Problems,
  at: (field: string) => string,
  {
    environment = {},
    files = {},
    secretFiles = {},
  }: { environment?: Values; files?: Values; secretFiles?: Values },
): void {
  for (const [name, value] of Object.entries(environment)) {
    if (typeof value === "string" && value !== "" && isSecret(name, value)) {
      const file = `/run/secrets/${name.toLowerCase().replaceAll("_", "-")}`;
      const fix = `Put it into secretFiles as "${file}", and write ${name}_FILE: "${file}".`;
      problems.add(member(at("environment"), name), "must not be a secret in plain text", NOT_SHOWN, fix);
    }
  }
  for (const [field, contents] of Object.entries({ files, secretFiles })) {
    for (const [file, value] of Object.entries(contents)) {
      const content =
        typeof value === "object" && value !== null && "content" in value ? value.content : value;
      if (typeof content === "string" && PRIVATE_KEY.test(content)) {
        const rule = "must not hold a private key in plain text";
        problems.add(member(at(field), file), rule, NOT_SHOWN, "Let Pulumi make it, or read it as a secret.");
      }
    }
  }
}

function isSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || PRIVATE_KEY.test(value) || URL_WITH_PASSWORD.test(value);
}
