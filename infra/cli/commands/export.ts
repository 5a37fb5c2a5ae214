import { defineCommand, exitCodes, stackOption } from "../command";
import { UsageError, UserError } from "../errors";
import { toManifests } from "../export/manifests";
import { Session } from "../session";
import { readStackSettings } from "../stack-settings";

export const exportManifests = defineCommand({
  summary: "print what an up would apply, for other tools; nothing is applied",
  arguments: ["kubernetes"],
  options: {
    ...stackOption,
    "show-secrets": { type: "boolean", summary: "print the objects that hold secrets too" },
  },
  async run(context, options, [format]) {
    if (format !== "kubernetes") {
      throw new UsageError(
        `"export" needs the format: write "kubernetes"${format ? `, got "${format}"` : ""}.`,
      );
    }
    const session = new Session(context, options.stack);
    const { target } = readStackSettings(await session.configuration());
    if (target !== "kubernetes") {
      const is = target === undefined ? "not set" : `"${target}"`;
      throw new UserError(
        `There are manifests of stacks on Kubernetes only: flotilla:target of ${options.stack} is ${is}. Write for example --stack staging.`,
      );
    }
    const signal = context.interruption.cooperate(() => undefined);
    const { succeeded, diagnostics, resources } = await context.rehearse({ ...session.location, signal });
    for (const { message } of diagnostics.filter(({ severity }) => !succeeded || severity === "warning")) {
      context.terminal.errorLine(message);
    }
    if (!succeeded) {
      return signal.aborted ? exitCodes.interrupted : exitCodes.failed;
    }
    context.terminal.write(toManifests(resources, options["show-secrets"]));
    return exitCodes.done;
  },
});
