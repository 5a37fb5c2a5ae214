import type { Problems } from "../../../problems";

/** How clients reach a gateway: `"alb"` and `"nlb"` alone take every default. */
export type ExposeArgs = "alb" | "nlb" | AlbArgs | NlbArgs;

interface LoadBalancerArgs {
  /**
   * ARN of a certificate of AWS Certificate Manager, in the platform's region: clients then speak TLS.
   * @default - none: clients speak without TLS, and a warning says so
   */
  certificateArn?: string;
  /** Reached from within the VPC and what is connected to it, not from the internet. @default false */
  internal?: boolean;
  /** Ranges of addresses that may connect. @default ["0.0.0.0/0"] */
  allowFrom?: string[];
}

/**
 * An Application Load Balancer: speaks HTTP, redirects HTTP to HTTPS, logs requests, and asks a firewall. It knows no TCP, and
 * hands gRPC on as HTTP/1.1, which breaks it: use an NLB for those.
 */
export interface AlbArgs extends LoadBalancerArgs {
  /** Which load balancer. */
  kind: "alb";
  /** Keeps a log of every request for 90 days, in a bucket of its own. @default true */
  accessLogs?: boolean;
  /** ARN of a web ACL of AWS WAF that judges every request. @default - none */
  webAclArn?: string;
  /** Seconds without a byte after which a connection is closed, 1 to 4000. @default 60 */
  idleTimeoutSeconds?: number;
}

/** A Network Load Balancer: passes connections on as they are, with the client's own address; no redirect, no firewall. */
export interface NlbArgs extends LoadBalancerArgs {
  /** Which load balancer. */
  kind: "nlb";
}

export function longForm(args: ExposeArgs): AlbArgs | NlbArgs {
  return typeof args === "string" ? ({ kind: args } as AlbArgs | NlbArgs) : args;
}

const CERTIFICATE = /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/;
const WEB_ACL = /^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[^/]+\/[^/]+$/;
const RANGE = /^(\d{1,3}\.){3}\d{1,3}\/(\d|[12]\d|3[0-2])$/;

/** Records everything that is wrong with how clients reach a gateway. */
export function checkExpose(problems: Problems, at: string, given: ExposeArgs, region: string): void {
  const args = longForm(given);
  if (args.kind !== "alb" && args.kind !== "nlb") {
    const { kind } = args as { kind: unknown };
    problems.add(`${at}.kind`, "must be alb or nlb", kind, 'Write "alb".');
    return;
  }
  const { certificateArn, allowFrom } = args;
  if (certificateArn !== undefined && !CERTIFICATE.test(certificateArn)) {
    const fix = `Write one like "arn:aws:acm:${region}:111122223333:certificate/…".`;
    problems.add(`${at}.certificateArn`, "must be the ARN of a certificate of ACM", certificateArn, fix);
  } else if (certificateArn !== undefined && certificateArn.split(":")[3] !== region) {
    const fix = "Request the certificate there, or import it.";
    problems.add(`${at}.certificateArn`, `must be in the platform's region ${region}`, certificateArn, fix);
  }
  allowFrom?.forEach((range, index) => {
    if (!RANGE.test(range)) {
      problems.add(
        `${at}.allowFrom[${index}]`,
        "must be a range of IPv4 addresses",
        range,
        'Write "203.0.113.0/24".',
      );
    }
  });
  if (allowFrom?.length === 0) {
    problems.add(
      `${at}.allowFrom`,
      "must not be empty, as nobody could connect",
      allowFrom,
      'Write ["0.0.0.0/0"].',
    );
  }
  if (args.kind === "alb") {
    const { webAclArn, idleTimeoutSeconds: idle } = args;
    if (webAclArn !== undefined && !WEB_ACL.test(webAclArn)) {
      const fix = `Write one like "arn:aws:wafv2:${region}:111122223333:regional/webacl/name/id".`;
      problems.add(`${at}.webAclArn`, "must be the ARN of a regional web ACL of WAF", webAclArn, fix);
    }
    if (idle !== undefined && !(Number.isInteger(idle) && idle >= 1 && idle <= 4000)) {
      problems.add(
        `${at}.idleTimeoutSeconds`,
        "must be a whole number from 1 to 4000 seconds",
        idle,
        "Write 60.",
      );
    }
    return;
  }
  for (const field of ["accessLogs", "webAclArn", "idleTimeoutSeconds"] as const) {
    const value = (args as unknown as Record<string, unknown>)[field];
    if (value !== undefined) {
      problems.add(`${at}.${field}`, "is known of an alb only", value, 'Write kind: "alb", or take it out.');
    }
  }
}
