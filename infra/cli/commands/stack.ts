import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { ExportedDeployment } from "../../engine";
import { defineCommand, defineGroup, engineOption, exitCodes, stackOption } from "../command";
import type { Context } from "../context";
import { formatDuration, formatTable } from "../display/format";
import { messageOf, UsageError, UserError } from "../errors";
import { askForNewPassphrase } from "../new-passphrase";
import { Session } from "../session";

const jsonOption = { json: { type: "boolean", summary: "print JSON" } } as const;

const ls = defineCommand({
  summary: "list the project's stacks",
  arguments: [],
  options: { ...engineOption, ...jsonOption },
  async run(context, { engine: asked, json }) {
    const session = new Session(context, stackOption.stack.default);
    const listed = await session.chooseEngine(asked).engine.stacks(session.location);
    // Those of other projects have longer names.
    const stacks = listed.filter(({ name }) => !name.includes("/"));
    if (json) {
      context.terminal.line(JSON.stringify(stacks, null, 2));
      return exitCodes.done;
    }
    const rows = stacks.map(({ name, lastUpdate = "-", resourceCount }) => [
      name,
      String(resourceCount ?? "-"),
      lastUpdate,
    ]);
    printTable(context, [["STACK", "RESOURCES", "LAST UPDATE"], ...rows]);
    return exitCodes.done;
  },
});

const rm = defineCommand({
  summary: "forget a stack and its history; Pulumi.<stack>.yaml stays",
  arguments: [],
  options: {
    ...stackOption,
    ...engineOption,
    force: { type: "boolean", summary: "also when it has resources, which stay where they are" },
  },
  async run(context, { stack, engine: asked, force }) {
    const session = new Session(context, stack);
    await session.chooseEngine(asked).engine.remove(session.location, { force });
    session.forgetEngine();
    context.terminal.line(`Forgot ${session.label}`);
    return exitCodes.done;
  },
});

const exportState = defineCommand({
  summary: "print the stack's state, as pulumi stack export does",
  arguments: [],
  options: {
    ...stackOption,
    ...engineOption,
    file: { type: "string", value: "FILE", summary: "write it there, for you alone to read" },
    version: {
      type: "string",
      value: "N",
      summary: "as it was after this run, as stack history numbers them",
    },
    "show-secrets": { type: "boolean", summary: "with secrets as plain text" },
  },
  async run(context, options) {
    const { stack, engine: asked, file } = options;
    const session = new Session(context, stack);
    const { engine } = session.chooseEngine(asked);
    const version = parseVersion(options.version);
    const state = await engine.exportState(session.location, {
      showSecrets: options["show-secrets"],
      version,
    });
    const json = `${JSON.stringify(state, null, 4)}\n`;
    if (file === undefined) {
      context.terminal.write(json);
    } else {
      writeFileSync(path.resolve(context.directory, file), json, { mode: 0o600 });
      context.terminal.line(`Wrote ${file}`);
    }
    return exitCodes.done;
  },
});

const importState = defineCommand({
  summary: "put an exported state in the place of the stack's own",
  arguments: [],
  options: {
    ...stackOption,
    ...engineOption,
    file: { type: "string", value: "FILE", summary: "read it there, not from standard input" },
    force: { type: "boolean", summary: "also when it is inconsistent, or of another stack" },
  },
  async run(context, { stack, engine: asked, file, force }) {
    const session = new Session(context, stack);
    const { engine, name } = session.chooseEngine(asked);
    const source = file ?? "standard input";
    const json =
      file === undefined
        ? await text(context.stdio.stdin)
        : readFileSync(path.resolve(context.directory, file), "utf8");
    const problems = await engine.importState(session.location, parseState(json, source), { force });
    session.recordEngine(name);
    for (const problem of problems) {
      context.terminal.line(`${context.terminal.style("yellow", "warning:")} ${problem}`);
    }
    context.terminal.line(`Imported the state of ${session.label}`);
    return exitCodes.done;
  },
});

const changeSecretsProvider = defineCommand({
  summary:
    "seal the secrets of configuration and state with a new passphrase, read from the terminal or the input",
  arguments: ["passphrase"],
  options: { ...stackOption, ...engineOption },
  async run(context, { stack, engine: asked }, [provider]) {
    if (provider === undefined) {
      throw new UsageError('stack change-secrets-provider takes the provider. Write "passphrase".');
    }
    const session = new Session(context, stack);
    const { engine } = session.chooseEngine(asked);
    const newPassphrase = provider === "passphrase" ? await askForNewPassphrase(context) : "";
    await engine.changeSecretsProvider(session.location, provider, newPassphrase);
    context.terminal.line(
      `Sealed the secrets of ${session.label} anew. Its history and backups are as they were.`,
    );
    if (provider === "passphrase") {
      const variables = "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE";
      context.terminal.line(`From now on, set ${variables} to the new passphrase for this stack.`);
    }
    return exitCodes.done;
  },
});

const history = defineCommand({
  summary: "list what changed the stack, latest first",
  arguments: [],
  options: { ...stackOption, ...engineOption, ...jsonOption },
  async run(context, { stack, engine: asked, json }) {
    const session = new Session(context, stack);
    const entries = await session.chooseEngine(asked).engine.history(session.location);
    if (json) {
      context.terminal.line(JSON.stringify(entries, null, 2));
      return exitCodes.done;
    }
    const rows = entries.map(({ version, kind, result, startedAt, endedAt, resourceChanges }) => [
      ...[String(version), kind, result, startedAt.toISOString()],
      formatDuration(endedAt.getTime() - startedAt.getTime()),
      Object.entries(resourceChanges)
        .map(([operation, count]) => `${count} ${operation}`)
        .join(", "),
    ]);
    printTable(context, [["VERSION", "KIND", "RESULT", "STARTED", "TOOK", "RESOURCES"], ...rows]);
    return exitCodes.done;
  },
});

export const stack = defineGroup(
  "list, forget, export and import stacks, what changed them, and what seals their secrets",
  {
    ls,
    rm,
    export: exportState,
    import: importState,
    "change-secrets-provider": changeSecretsProvider,
    history,
  },
);

function printTable({ terminal }: Context, rows: string[][]): void {
  for (const line of formatTable(rows)) {
    terminal.line(line);
  }
}

function parseVersion(given: string | undefined): number | undefined {
  if (given !== undefined && !/^[1-9]\d{0,8}$/.test(given)) {
    throw new UsageError(`--version must be a whole number from 1 on, got "${given}".`);
  }
  return given === undefined ? undefined : Number(given);
}

function parseState(json: string, source: string): ExportedDeployment {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UserError(`${source} is not valid JSON: ${messageOf(error)}`);
  }
}
