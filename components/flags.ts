/** A command line's `--flag value` pairs, in the order given. */
export function flags(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
}
