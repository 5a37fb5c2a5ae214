import { defineCommand, exitCodes, stackOption } from "../command";
import { describeStack } from "../described";
import { Session } from "../session";

// Required when it is used, so that `help` is quick.
const explaining = (): typeof import("../../description/explain") => require("../../description/explain");

export const explain = defineCommand({
  summary: "print the description with every default filled in, and where each value comes from",
  arguments: [],
  options: stackOption,
  async run(context, { stack }) {
    const { described, overrides, secretOverrides } = await describeStack(new Session(context, stack), stack);
    const { text } = explaining().explain(described, overrides, secretOverrides);
    context.terminal.line(text.trimEnd());
    return exitCodes.done;
  },
});
