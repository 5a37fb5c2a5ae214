import { checkWhole } from "../fields";
import type { Microservice } from "../microservice";
import type { MirrorSpec, SplitSpec } from "../policy-specs";
import type { Problems } from "../problems";

/** A share of a route's requests that goes elsewhere, or to instances of another version. */
export interface SplitArgs {
  /** The service, or its name, of the same protocol. @default - the route's */
  to?: Microservice | string;
  /** Name of the service's port. @default - the route's, or the first of another service */
  port?: string;
  /** Only instances whose metadata say this. @default {} */
  metadata?: Record<string, string>;
  /** Percent of the requests, 1 to 100. */
  percent: number;
}

/** Where copies of requests go; their answers are thrown away. */
export interface MirrorArgs {
  /** The service, or its name, of the same protocol. */
  to: Microservice | string;
  /** Name of the service's port. @default - its first port */
  port?: string;
  /** Percent of the requests that are copied, 1 to 100. @default 100 */
  percent?: number;
}

export function checkSplit(problems: Problems, at: string, split: SplitArgs[]): void {
  split.forEach((share, index) => {
    const place = `${at}[${index}]`;
    checkWhole(problems, `${place}.percent`, share.percent, { min: 1, max: 100, unit: "percent" });
    if (share.to === undefined && share.metadata === undefined) {
      const fix = 'Write metadata: { version: "2" }.';
      problems.add(
        [`${place}.to`, `${place}.metadata`],
        "must be given: else it is no other version",
        [],
        fix,
      );
    }
  });
  const whole = split.reduce((sum, { percent }) => sum + percent, 0);
  if (whole > 100) {
    problems.add(at, "must be at most 100 percent together", whole, "Make the shares smaller.");
  }
}

export function checkMirror(problems: Problems, at: string, { percent }: MirrorArgs): void {
  checkWhole(problems, `${at}.percent`, percent, { min: 1, max: 100, unit: "percent" });
}

/** The shares, of a route that leads to `service`. */
export function splitSpecs(split: SplitArgs[] = [], service: string, port: string | undefined): SplitSpec[] {
  return split.map(({ to, port: own, metadata = {}, percent }) => {
    return to === undefined
      ? { service, port: own ?? port, metadata, percent }
      : { service: nameOf(to), port: own, metadata, percent };
  });
}

export function mirrorSpec(mirror: MirrorArgs | undefined): MirrorSpec | undefined {
  return mirror && { service: nameOf(mirror.to), port: mirror.port, percent: mirror.percent ?? 100 };
}

export function nameOf(service: Microservice | string): string {
  return typeof service === "string" ? service : service.serviceName;
}
