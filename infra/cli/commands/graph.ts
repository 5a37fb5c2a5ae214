import { writeFileSync } from "node:fs";
import path from "node:path";
import { defineCommand, exitCodes, stackOption } from "../command";
import { describeStack } from "../described";
import { UsageError, UserError } from "../errors";
import { type Diagram, diagramOf } from "../graph/diagram";
import { toMermaid } from "../graph/mermaid";
import { toSvg } from "../graph/svg";
import { Session } from "../session";
import { readStackSettings } from "../stack-settings";

// Required when it is used, so that `help` is quick.
const parsing = (): typeof import("../../parse-architecture") => require("../../parse-architecture");

const formats: Record<string, (diagram: Diagram) => string> = { svg: toSvg, mermaid: toMermaid };

export const graph = defineCommand({
  summary: "draw the architecture as its description has it; nothing runs",
  arguments: [],
  options: {
    ...stackOption,
    format: { type: "string", value: "svg|mermaid", default: "svg", summary: "what to write" },
    output: { type: "string", short: "o", value: "FILE", summary: "write it there, not to the terminal" },
  },
  async run(context, { stack, format, output }) {
    const draw = Object.hasOwn(formats, format) ? formats[format] : undefined;
    if (draw === undefined) {
      throw new UsageError(`--format must be ${Object.keys(formats).join(" or ")}, got "${format}".`);
    }
    const session = new Session(context, stack);
    const { described, overrides } = await describeStack(session, stack);
    const { architecture, messages } = parsing().examine(described, overrides);
    if (architecture === undefined || messages.length > 0) {
      throw new UserError(messages.join("\n"));
    }
    const { registryKind } = readStackSettings(await session.configuration()).settings;
    const kind = (registryKind ?? architecture.registry.kind) as typeof architecture.registry.kind;
    const drawn = draw(diagramOf({ ...architecture, registry: { ...architecture.registry, kind } }));
    if (output === undefined) {
      context.terminal.write(drawn);
    } else {
      writeFileSync(path.resolve(context.directory, output), drawn);
      context.terminal.line(`Wrote ${output}`);
    }
    return exitCodes.done;
  },
});
