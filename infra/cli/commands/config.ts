import { defineCommand, exitCodes, stackOption } from "../command";
import type { Configuration, Context } from "../context";
import { formatTable } from "../display/format";
import { UsageError, UserError } from "../errors";
import { Session } from "../session";
import { setAtPath } from "./config-path";
import { masked } from "./show-outputs";

interface Call {
  secret: boolean;
  path: boolean;
  rest: string[];
  /** The project's name, which is the namespace of a key without one. */
  project: string;
}

type Action = (context: Context, configuration: Configuration, call: Call) => void;

const actions: Record<string, Action> = {
  set(_, configuration, { secret, path, rest: [key, value, ...more], project }) {
    if (key === undefined || value === undefined || more.length > 0) {
      throw new UsageError("config set takes a key and a value.");
    }
    if (path && secret) {
      throw new UsageError("--path and --secret do not go together: a secret is set as a whole.");
    }
    if (path) {
      setAtPath(configuration, qualify(key, project), value);
    } else {
      configuration.set(qualify(key, project), value, { secret });
    }
    configuration.save();
  },
  get({ terminal }, configuration, { rest: [key, ...more], project }) {
    if (key === undefined || more.length > 0) {
      throw new UsageError("config get takes a key.");
    }
    const found = configuration.get(qualify(key, project));
    if (found === undefined) {
      throw new UserError(`The stack's configuration has no ${qualify(key, project)}.`);
    }
    terminal.line(asText(found.value));
  },
  list({ terminal }, configuration) {
    const rows = configuration
      .entries()
      .map(([key, { value, secret }]) => [key, secret ? masked : asText(value)]);
    for (const line of formatTable(rows)) {
      terminal.line(line);
    }
  },
};

export const config = defineCommand({
  summary: "list, read or write the stack's configuration",
  arguments: ["[set|get|list]", "[KEY]", "[VALUE]"],
  options: {
    ...stackOption,
    secret: { type: "boolean", summary: "with set: encrypt the value" },
    path: { type: "boolean", summary: "with set: the key is a path into an object, e.g. a:b.c" },
  },
  async run(context, { stack, secret, path }, [name = "list", ...rest]) {
    const action = actions[name];
    if (action === undefined) {
      throw new UsageError(`config knows ${Object.keys(actions).join(", ")}, got "${name}".`);
    }
    const session = new Session(context, stack);
    action(context, await session.configuration(), { secret, path, rest, project: session.projectName });
    return exitCodes.done;
  },
});

function qualify(key: string, project: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
