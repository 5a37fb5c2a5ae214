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
}

type Action = (context: Context, configuration: Configuration, call: Call) => void;

const actions: Record<string, Action> = {
  set(_, configuration, { secret, path, rest: [key, value, ...more] }) {
    if (key === undefined || value === undefined || more.length > 0) {
      throw new UsageError("config set takes a key and a value.");
    }
    if (path && secret) {
      throw new UsageError("--path and --secret do not go together: a secret is set as a whole.");
    }
    if (path) {
      setAtPath(configuration, key, value);
    } else {
      configuration.set(key, value, { secret });
    }
    configuration.save();
  },
  get({ terminal }, configuration, { rest: [key, ...more] }) {
    if (key === undefined || more.length > 0) {
      throw new UsageError("config get takes a key.");
    }
    const found = configuration.get(key);
    if (found === undefined) {
      throw new UserError(`The stack's configuration has no ${key}.`);
    }
    terminal.line(found.value);
  },
  list({ terminal }, configuration) {
    const rows = Object.entries(configuration.entries()).map(([key, { value, secret }]) => [
      key,
      secret ? masked : value,
    ]);
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
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined) {
      throw new UsageError(`config knows ${Object.keys(actions).join(", ")}, got "${name}".`);
    }
    const session = new Session(context, stack);
    const { backendUrl } = session.location;
    if (secret && !backendUrl.startsWith("file://")) {
      throw new UserError(
        `The stack's backend encrypts by itself. Write: pulumi config set --secret --stack ${stack} …`,
      );
    }
    action(context, await session.configuration(), { secret, path, rest });
    return exitCodes.done;
  },
});
