/** Values for the braces of a template; see aws-type.ts. */
import type { Json } from "../emulator";

const WHOLE = /^\{([a-zA-Z][\w.]*)\}$/;
const PART = /\{([a-zA-Z][\w.]*)\}/g;

/** The template with its values; what has none is left out, and structures that are empty then. */
export function fill(template: Json, values: Json): Json {
  if (typeof template === "string") {
    const whole = WHOLE.exec(template);
    return whole === null
      ? template.replace(PART, (_, path) => String(at(values, path)))
      : at(values, whole[1]);
  }
  if (Array.isArray(template)) {
    return leave(
      template.map((each) => fill(each, values)).filter((each) => each !== undefined),
      template,
    );
  }
  if (typeof template === "object" && template !== null) {
    const entries = Object.entries(template).map(([key, each]) => [key, fill(each, values)]);
    return leave(Object.fromEntries(entries.filter(([, each]) => each !== undefined)), template);
  }
  return template;
}

/** What is at a dotted path; undefined where the way ends before. */
export function at(value: Json, path: string): Json {
  return path.split(".").reduce((found, step) => found?.[step], value);
}

/** A template that says "empty" stays; one whose values are missing goes. */
function leave(filled: Json, template: Json): Json {
  return Object.keys(filled).length === 0 && Object.keys(template).length > 0 ? undefined : filled;
}
