import { checkWhole } from "../fields";
import type { Microservice } from "../microservice";
import type { ExternalSpec } from "../policy-specs";
import type { Problems } from "../problems";
import { checkTrustedHeader } from "./callers";

/**
 * A service decides: it gets method, path and chosen headers of each request, and answers 200 to let it pass. Any other answer
 * is the refusal's status; when it cannot be reached, callers get 503.
 */
export interface ExternalArgs {
  /** Microservice that decides, or its name. */
  service: Microservice | string;
  /** Name of the service's port. @default - its first port */
  port?: string;
  /** Put before the request's own path. @default - nothing */
  pathPrefix?: string;
  /** Seconds after which it counts as unreachable, 1 to 60. @default 5 */
  timeoutSeconds?: number;
  /** Headers of the request that it gets, beside host, method, path and `authorization`. @default [] */
  requestHeaders?: string[];
  /** Headers of its answer that go on to services; clients cannot send them. @default [] */
  responseHeaders?: string[];
  /** The one of those that names the caller, for rate limits by caller. @default - none */
  callerHeader?: string;
}

export function checkExternal(problems: Problems, at: string, args: ExternalArgs): void {
  const { pathPrefix, timeoutSeconds, responseHeaders = [], callerHeader } = args;
  if (pathPrefix !== undefined && !/^\/.*[^/]$/.test(pathPrefix)) {
    const fix = `Write "/${pathPrefix.replace(/^\/+|\/+$/g, "") || "check"}".`;
    problems.add(`${at}.pathPrefix`, 'must start with "/" and not end with one', pathPrefix, fix);
  }
  checkWhole(problems, `${at}.timeoutSeconds`, timeoutSeconds, { min: 1, max: 60, unit: "seconds" });
  responseHeaders.forEach((header, index) => {
    checkTrustedHeader(problems, `${at}.responseHeaders[${index}]`, header);
  });
  if (callerHeader !== undefined && !responseHeaders.includes(callerHeader)) {
    const fix = `Add "${callerHeader}" to responseHeaders.`;
    problems.add(`${at}.callerHeader`, "must be one of responseHeaders", callerHeader, fix);
  }
}

export function externalSpec(args: ExternalArgs): ExternalSpec {
  const { service, port, pathPrefix, timeoutSeconds = 5, callerHeader } = args;
  const { requestHeaders = [], responseHeaders = [] } = args;
  const name = typeof service === "string" ? service : service.serviceName;
  return { service: name, port, pathPrefix, timeoutSeconds, requestHeaders, responseHeaders, callerHeader };
}
