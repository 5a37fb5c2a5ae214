/** Asks for a passphrase that is to be: at a terminal, twice and unseen; else it is the first line of the input. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Context } from "./context";
import { UserError } from "./errors";
import { isTerminal } from "./stdio";

export async function askForNewPassphrase(context: Context): Promise<string> {
  const { stdio } = context;
  if (!isTerminal(stdio)) {
    const [line = ""] = (await text(stdio.stdin)).split(/\r?\n/);
    return sure(line.trim());
  }
  const first = await askUnseen(context, "New passphrase: ");
  if ((await askUnseen(context, "Once more: ")) !== first) {
    throw new UserError("The two are not the same. Nothing was changed.");
  }
  return sure(first);
}

function sure(passphrase: string): string {
  if (passphrase === "") {
    throw new UserError("The new passphrase is empty. Nothing was changed.");
  }
  return passphrase;
}

/** What is typed goes nowhere. */
async function askUnseen({ stdio, terminal }: Context, question: string): Promise<string> {
  terminal.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdio.stdin, output: nowhere, terminal: true });
  try {
    return (await lines.question("")).trim();
  } finally {
    lines.close();
    terminal.line("");
  }
}
