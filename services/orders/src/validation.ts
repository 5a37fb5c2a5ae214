import type { z } from "zod";
import { ApiError } from "./errors";

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const nouns: Record<string, string> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "an object",
};

/** Names what was given without repeating text, which may be a password or a person's name. */
function given(input: unknown): string {
  if (typeof input === "number" || typeof input === "boolean" || input === null) return String(input);
  return nouns[Array.isArray(input) ? "array" : typeof input] ?? typeof input;
}

/** `must be at least 1, got 0` for a number, `must have at least 1 item, got 0` for what has a length. */
function bound(
  limit: "at least" | "at most",
  value: number | bigint,
  issue: { origin: string; input?: unknown },
) {
  if (issue.origin === "number" || issue.origin === "int") {
    return `must be ${limit} ${value}, got ${given(issue.input)}`;
  }
  const unit = `${issue.origin === "array" ? "item" : "character"}${value === 1 ? "" : "s"}`;
  return `must have ${limit} ${value} ${unit}, got ${(issue.input as string | unknown[]).length}`;
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is required";
      return `must be ${nouns[issue.expected] ?? issue.expected}, got ${given(issue.input)}`;
    case "too_small":
      return bound("at least", issue.minimum, issue);
    case "too_big":
      return bound("at most", issue.maximum, issue);
    default:
      return "is not valid";
  }
}

/** `["items", 0, "quantity"]` as `items[0].quantity`. */
function fieldName(path: PropertyKey[]): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? String(part) : `${name}.${String(part)}`;
  }, "");
}

/** Returns the body in its checked form, or refuses it with the first field that is wrong. */
export function validate<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body, { error: describe });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = fieldName(issue.path);
  throw new ApiError(400, "invalid_request", `${field || "The body"} ${issue.message}`, {
    field: field || undefined,
  });
}
