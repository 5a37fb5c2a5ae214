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
  private readonly texts = new Set<string>();
  /** Longest first, so that no part of one stays behind. */
  private readonly forms = new Set<string>();
  private sorted: string[] = [];

  /** Learns all secrets within a value. */
  learn(value: Value): void {
    for (const text of secretTexts(value)) {
      if (this.texts.has(text)) continue;
      this.texts.add(text);
      for (const form of formsOf(text)) this.forms.add(form);
    }
  }

  get isEmpty(): boolean {
    return this.texts.size === 0;
  }

  isIn(text: string): boolean {
    return this.known().some((form) => text.includes(form));
  }

  /** The text with `[secret]` for each secret that it shows. */
  mask(text: string): string {
    let masked = text;
    for (const form of this.known()) {
      if (masked.includes(form)) masked = masked.replaceAll(form, "[secret]");
    }
    return masked;
  }

  private known(): string[] {
    if (this.sorted.length < this.forms.size) {
      this.sorted = [...this.forms].sort((one, other) => other.length - one.length);
    }
    return this.sorted;
  }
}
