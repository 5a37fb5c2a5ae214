/**
 * How the text of a secret can look in other texts, where nothing marks it.
 */
import { isSecret, plain, type Value } from "./values";

/** Shorter secrets are too likely to occur by chance in what is none of them. */
const MINIMUM_TRACED_LENGTH = 8;

/** A secret with more lines is told by its whole only: it is rather a file that has one in it. */
const MOST_LINES = 100;

/** Lines of a secret that say what it is and not what is in it. */
const FRAME = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/;

function strings(value: Value, found: Set<string>): void {
  if (typeof value === "string") found.add(value);
  else if (value !== null && typeof value === "object")
    for (const part of Object.values(value)) strings(part, found);
}

/** The texts inside of the secrets of a value that are long enough to be recognised elsewhere. */
export function secretTexts(value: Value, found: Set<string> = new Set()): Set<string> {
  if (isSecret(value)) {
    const inside = new Set<string>();
    strings(plain(value), inside);
    for (const text of inside) if (text.length >= MINIMUM_TRACED_LENGTH) found.add(text);
  } else if (value !== null && typeof value === "object") {
    for (const part of Object.values(value)) secretTexts(part, found);
  }
  return found;
}

/** What base64 makes of a text, wherever in a longer one it stands: without the digits that its neighbours share. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}

/** A text as it is and as JSON, addresses and base64 write it; of one with several lines each line, too. */
export function formsOf(text: string): string[] {
  const base64 = base64Forms(text);
  const forUrls = base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  const inJson = JSON.stringify(text).slice(1, -1);
  const inAddress = encodeURIComponent(Buffer.from(text).toString());
  return [...new Set([text, inJson, inAddress, ...base64, ...forUrls, ...linesOf(text)])];
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/, MOST_LINES + 1).map((line) => line.trim());
  if (lines.length > MOST_LINES) return [];
  return lines.filter((line) => line.length >= MINIMUM_TRACED_LENGTH && !FRAME.test(line));
}

/** Recognises secrets in texts, and takes them out. */
export class SecretTexts {
  /** What was learned and not looked through yet: most runs have nothing to mask, and then nothing is looked for. */
  private unread: Value[] = [];
  private readonly texts = new Set<string>();
  private readonly forms = new FormIndex();

  /** Learns all secrets within a value. */
  learn(value: Value): void {
    this.unread.push(value);
  }

  get isEmpty(): boolean {
    this.read();
    return this.texts.size === 0;
  }

  isIn(text: string): boolean {
    this.read();
    return this.forms.find(text, 0) !== undefined;
  }

  /** The text with `[secret]` for each secret that it shows. */
  mask(text: string): string {
    this.read();
    let masked = "";
    let from = 0;
    for (let found = this.forms.find(text, 0); found; found = this.forms.find(text, from)) {
      masked += `${text.slice(from, found.at)}[secret]`;
      from = found.at + found.length;
    }
    return masked + text.slice(from);
  }

  private read(): void {
    if (this.unread.length === 0) return;
    const found = secretTexts(this.unread);
    this.unread = [];
    for (const text of found) {
      if (this.texts.has(text)) continue;
      this.texts.add(text);
      for (const form of formsOf(text)) this.forms.add(form);
    }
  }
}

/** Finds any of many texts in one, in a time that does not grow with how many there are. */
class FormIndex {
  /** By their first letters. */
  private readonly byStart = new Map<string, string[]>();
  /** Which hashes of three letters any of them begins with: elsewhere there is nothing to look up. */
  private readonly begins = new Uint8Array(HASHES);

  /** @param form of MINIMUM_TRACED_LENGTH letters at least */
  add(form: string): void {
    this.begins[hashAt(form, 0)] = 1;
    const start = form.slice(0, MINIMUM_TRACED_LENGTH);
    const others = this.byStart.get(start);
    if (others) others.push(form);
    else this.byStart.set(start, [form]);
  }

  /** The first one at or after `from`; of several the longest, so that no part of one stays behind. */
  find(text: string, from: number): { at: number; length: number } | undefined {
    for (let at = from; at <= text.length - MINIMUM_TRACED_LENGTH; at++) {
      if (!this.begins[hashAt(text, at)]) continue;
      const forms = this.byStart.get(text.slice(at, at + MINIMUM_TRACED_LENGTH)) ?? [];
      const lengths = forms.filter((form) => text.startsWith(form, at)).map((form) => form.length);
      if (lengths.length > 0) return { at, length: Math.max(...lengths) };
    }
    return undefined;
  }
}

const HASHES = 1 << 14;

function hashAt(text: string, at: number): number {
  return (
    ((text.charCodeAt(at) << 10) ^ (text.charCodeAt(at + 1) << 5) ^ text.charCodeAt(at + 2)) & (HASHES - 1)
  );
}
