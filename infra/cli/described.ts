/** The description of a stack's architecture, with what its configuration adds. */
import type { Described } from "../parse-architecture";
import { UserError } from "./errors";
import type { Session } from "./session";

// Required when it is used, so that `help` is quick.
const parsing = (): typeof import("../parse-architecture") => require("../parse-architecture");
const reading = (): typeof import("../description/read") => require("../description/read");

export interface StackDescription {
  described: Described;
  overrides: Described;
  /** Whether what the overrides say is a secret. */
  secretOverrides: boolean;
}

export async function describeStack(session: Session, stack: string): Promise<StackDescription> {
  const configuration = await session.configuration();
  const file = configuration.get("flotilla:architecture")?.value;
  if (file === undefined) {
    const fix = `npx flotilla config set flotilla:architecture FILE --stack ${stack}`;
    throw new UserError(`The stack's configuration has no flotilla:architecture. Write: ${fix}`);
  }
  const described = reading().readDescription(file, session.location.directory);
  const { value = "{}", secret = false } = configuration.get("flotilla:overrides") ?? {};
  const overrides = { input: JSON.parse(value) as unknown, source: parsing().overridesSource(stack) };
  return { described, overrides, secretOverrides: secret };
}
