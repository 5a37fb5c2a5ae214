import { defineCommand, engineOption, exitCodes, stackOption } from "../command";
import { UserError } from "../errors";
import { Session } from "../session";
import { formatOutputs, outputsAsJson } from "./show-outputs";

export const outputs = defineCommand({
  summary: "print the stack's outputs, such as its URLs",
  arguments: [],
  options: {
    ...stackOption,
    ...engineOption,
    json: { type: "boolean", summary: "print one JSON object" },
    "show-secrets": { type: "boolean", summary: "with --json: print secrets too" },
  },
  async run(context, options) {
    const session = new Session(context, options.stack);
    const { engine } = session.chooseEngine(options.engine);
    const found = await engine.outputs(session.location);
    if (found === undefined) {
      throw new UserError(
        `There is no stack ${session.label}. Make it: npx flotilla up --stack ${options.stack}`,
      );
    }
    const text = options.json ? [outputsAsJson(found, options["show-secrets"])] : formatOutputs(found);
    for (const line of text) {
      context.terminal.line(line);
    }
    return exitCodes.done;
  },
});
