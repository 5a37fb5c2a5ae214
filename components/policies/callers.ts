/** What ways of authentication with callers known by name have in common. */
import { member, NOT_SHOWN, type Problems } from "../problems";

/** Where a description stands for a secret. */
const REFERENCE = /\{\{[^{}\s]+\}\}/;

const HEADER = /^x-[a-z0-9-]+$/;
/** Headers that the gateway itself writes. */
const OWN_HEADER = /^x-(envoy|flotilla|forwarded)-|^x-(request-id|real-ip)$/;
const NAME = /^[A-Za-z0-9._@-]{1,64}$/;

/** A header that tells services something that only the gateway knows. */
export function checkTrustedHeader(problems: Problems, at: string, header: string): void {
  if (!HEADER.test(header) || OWN_HEADER.test(header)) {
    const rule = 'must be a header in lower case that starts with "x-" and is not the gateway\'s own';
    const name = header.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
    const fix = name.startsWith("x-") && !OWN_HEADER.test(name) ? name : "x-user-id";
    problems.add(at, rule, header, `Write "${fix}".`);
  }
}

/** Callers by name, each with a secret of its own. */
export function checkCallers(
  problems: Problems,
  at: string,
  callers: Record<string, object>,
  field: "password" | "key",
): void {
  if (Object.keys(callers).length === 0) {
    problems.add(at, "must not be empty", {}, `Write { ada: { ${field}: "{{ada}}" } }.`);
  }
  for (const [name, caller] of Object.entries(callers)) {
    const place = member(at, name);
    if (!NAME.test(name)) {
      const rule = "must be 1 to 64 letters, digits, dots, dashes, underscores and @";
      problems.add(place, rule, name, 'Write one like "ada".');
    }
    const secret = (caller as Record<string, unknown>)[field];
    if (typeof secret === "string" && !REFERENCE.test(secret)) {
      const fix = `Write "{{${name.toLowerCase()}}}" and add it to secrets, or pass a secret that Pulumi computes.`;
      problems.add(`${place}.${field}`, "must not be a secret in plain text", NOT_SHOWN, fix);
    }
  }
}
