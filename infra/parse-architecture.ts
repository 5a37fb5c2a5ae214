import { RunError } from "@pulumi/pulumi/errors";
import { Problems } from "../components/problems";
import { type Architecture, architectureSchema } from "./architecture";
import { checkArchitecture } from "./check-architecture";
import { compose } from "./description/layers";
import type { Origins, Source } from "./description/origins";
import { checkShape } from "./description/shape";

/** Something that says how an architecture is, and where it stands. */
export interface Described {
  input: unknown;
  source: Source;
}

/** What messages call the overrides of a stack. */
export function overridesSource(stack: string): Source {
  return { name: `Pulumi.${stack}.yaml flotilla:overrides` };
}

/** What is taken for a part that is not there; its absence is a problem of its own. */
const PLACEHOLDERS = { name: "edge", registry: { kind: "native" }, services: {}, gateway: { routes: [] } };

/**
 * Reads a description, `source` being the file it stands in, with the overrides of a stack.
 *
 * @throws RunError with every problem of the whole description, each with its place and fix.
 */
export function parseArchitecture(
  input: unknown,
  source: string | Source,
  overrides: Described = { input: {}, source: { name: "flotilla:overrides" } },
): Architecture {
  const described = { input, source: typeof source === "string" ? { name: source } : source };
  const { architecture, messages } = examine(described, overrides);
  if (architecture === undefined || messages.length > 0) {
    throw new RunError(messages.join("\n"));
  }
  return architecture;
}

/** A description with its stack's overrides, where each of its values comes from, and all that is wrong with it. */
export function examine(
  described: Described,
  overrides: Described,
): { architecture: Architecture | undefined; input: unknown; origins: Origins; messages: string[] } {
  const shape = new Problems(described.source.name);
  const serviceSchema = architectureSchema.shape.services.valueType;
  const { input, origins } = compose(shape, serviceSchema, described, overrides);
  const architecture = checkShape(shape, architectureSchema, input, PLACEHOLDERS);
  const rules = new Problems(described.source.name);
  if (architecture !== undefined) {
    checkArchitecture(rules, architecture, (path) => shape.areAbout(path));
  }
  // What is only a consequence of a wrong shape is no news.
  const news = rules.all.filter(({ paths }) => !paths.some((path) => shape.areAbout(path)));
  // Services that share a template share its problems.
  const messages = [...new Set([...shape.all, ...news].map((problem) => origins.tell(problem)))];
  return { architecture, input, origins, messages };
}
