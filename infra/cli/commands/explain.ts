import { defineCommand, exitCodes, stackOption } from "../command";
import { UserError } from "../errors";
import { Session } from "../session";

// Required when it is used, so that `help` is quick.
const parsing = (): typeof import("../../parse-architecture") => require("../../parse-architecture");
const reading = (): typeof import("../../description/read") => require("../../description/read");
const explaining = (): typeof import("../../description/explain") => require("../../description/explain");

export const explain = defineCommand({
  summary: "print the description with every default filled in, and where each value comes from",
  arguments: [],
  options: stackOption,
  async run(context, { stack }) {
    const session = new Session(context, stack);
    const configuration = await session.configuration();
    const file = configuration.get("flotilla:architecture")?.value;
    if (file === undefined) {
      const fix = `npx flotilla config set flotilla:architecture FILE --stack ${stack}`;
      throw new UserError(`The stack's configuration has no flotilla:architecture. Write: ${fix}`);
    }
    const described = reading().readDescription(file, session.location.directory);
    const { value = "{}", secret = false } = configuration.get("flotilla:overrides") ?? {};
    const overrides = { input: JSON.parse(value) as unknown, source: parsing().overridesSource(stack) };
    const { text } = explaining().explain(described, overrides, secret);
    context.terminal.line(text.trimEnd());
    return exitCodes.done;
  },
});
