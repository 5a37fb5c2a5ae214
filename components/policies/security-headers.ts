import { checkWhole } from "../fields";
import type { SecurityHeadersSpec } from "../policy-specs";
import type { Problems } from "../problems";

/** Headers with which every answer tells browsers to be careful, refusals too. What a service says itself stays. */
export interface SecurityHeadersArgs {
  /** Seconds for which browsers use TLS only, 0 to 63072000; sent over TLS alone. @default 31536000 */
  strictTransportSeconds?: number;
  /** Whether pages may frame it. @default "DENY" */
  frameOptions?: "DENY" | "SAMEORIGIN";
  /** What links tell of where one came from. @default "no-referrer" */
  referrerPolicy?: string;
  /** Where a page's parts may come from. @default - not said */
  contentSecurityPolicy?: string;
}

export function checkSecurityHeaders(problems: Problems, at: string, args: SecurityHeadersArgs): void {
  const { strictTransportSeconds, frameOptions } = args;
  const range = { min: 0, max: 63072000, unit: "seconds" };
  checkWhole(problems, `${at}.strictTransportSeconds`, strictTransportSeconds, range);
  if (frameOptions !== undefined && !["DENY", "SAMEORIGIN"].includes(frameOptions)) {
    problems.add(`${at}.frameOptions`, "must be one of DENY, SAMEORIGIN", frameOptions, 'Write "DENY".');
  }
  for (const field of ["referrerPolicy", "contentSecurityPolicy"] as const) {
    if (/[\r\n%]/.test(args[field] ?? "")) {
      problems.add(
        `${at}.${field}`,
        "must be one line without percent signs",
        args[field],
        "Write it in one line.",
      );
    }
  }
}

export function securityHeadersSpec(args: SecurityHeadersArgs | undefined): SecurityHeadersSpec | undefined {
  if (args === undefined) {
    return undefined;
  }
  const { strictTransportSeconds = 31536000, frameOptions = "DENY", referrerPolicy = "no-referrer" } = args;
  return {
    strictTransportSeconds,
    frameOptions,
    referrerPolicy,
    contentSecurityPolicy: args.contentSecurityPolicy,
  };
}
