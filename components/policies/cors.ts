import { checkWhole } from "../fields";
import type { CorsSpec } from "../policy-specs";
import type { Problems } from "../problems";

/** Which web pages of other origins may use it from a browser (CORS). Preflights are answered by the gateway, without credentials. */
export interface CorsArgs {
  /** Origins like `https://shop.example.com`; `https://*.example.com` for any below, `*` for every one. */
  origins: string[];
  /** Methods that pages may use. @default ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] */
  methods?: string[];
  /** Headers that pages may send. @default ["authorization", "content-type"] */
  headers?: string[];
  /** Headers of answers that pages may read. @default [] */
  exposedHeaders?: string[];
  /** Lets browsers send cookies; not with origin `*`. @default false */
  credentials?: boolean;
  /** Seconds for which browsers remember a preflight's answer, 0 to 86400. @default 600 */
  maxAgeSeconds?: number;
}

const ORIGIN = /^https?:\/\/(\*\.)?[a-z0-9.-]+(:\d+)?$/;

export function checkCors(
  problems: Problems,
  at: string,
  { origins, credentials, maxAgeSeconds }: CorsArgs,
): void {
  if (origins.length === 0) {
    problems.add(`${at}.origins`, "must not be empty", [], 'Write ["https://shop.example.com"].');
  }
  origins.forEach((origin, index) => {
    if (origin !== "*" && !ORIGIN.test(origin)) {
      const bare = /^(https?:\/\/)?([a-z0-9.*-]+(:\d+)?)/.exec(origin.toLowerCase()) ?? [];
      const meant = `${bare[1] ?? "https://"}${bare[2] ?? "shop.example.com"}`;
      const fix = ORIGIN.test(meant) ? meant : "https://shop.example.com";
      const rule = "must be scheme and host, without a path";
      problems.add(`${at}.origins[${index}]`, rule, origin, `Write "${fix}".`);
    }
    if (origin === "*" && credentials) {
      const rule = 'must not be "*" where credentials are sent: any page could act for a user';
      problems.add(`${at}.origins[${index}]`, rule, origin, "Name the origins, or take credentials out.");
    }
  });
  checkWhole(problems, `${at}.maxAgeSeconds`, maxAgeSeconds, { min: 0, max: 86400, unit: "seconds" });
}

export function corsSpec(args: CorsArgs | undefined): CorsSpec | undefined {
  if (args === undefined) {
    return undefined;
  }
  const { origins, methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] } = args;
  const { headers = ["authorization", "content-type"], exposedHeaders = [], credentials = false } = args;
  return { origins, methods, headers, exposedHeaders, credentials, maxAgeSeconds: args.maxAgeSeconds ?? 600 };
}
