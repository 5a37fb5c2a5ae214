/** Pulling an image from its registry. */
import type { CallContext } from "../../provider";
import type { Daemon } from "./daemon";
import { failed } from "./errors";
import { type DaemonMessage, readMessages } from "./progress-stream";
import { authFor } from "./registry-auth";

export async function pullImage(
  daemon: Daemon,
  context: CallContext,
  reference: string,
  platform: string | undefined,
): Promise<void> {
  const layers = new LayerProgress();
  let refusal: string | undefined;
  try {
    context.progress(`pulling ${reference}`);
    const stream: unknown = await daemon.docker.pull(withTag(reference), {
      ...(platform && { platform }),
      authconfig: authFor(reference, daemon.credentials),
      abortSignal: context.signal,
    });
    await readMessages(stream as AsyncIterable<Buffer>, (message) => {
      refusal = message.errorDetail?.message ?? message.error ?? refusal;
      const text = layers.take(message);
      if (text) context.progress(text);
    });
  } catch (error) {
    throw failed(`image ${reference} could not be pulled`, error);
  }
  if (refusal) throw new Error(`image ${reference} could not be pulled: ${refusal}`);
}

/** Without a tag or digest the daemon would pull all tags. */
export const withTag = (reference: string): string =>
  /[:@]/.test(reference.slice(reference.lastIndexOf("/") + 1)) ? reference : `${reference}:latest`;

/** Sums up what the daemon tells layer by layer. */
export class LayerProgress {
  private readonly done = new Map<string, boolean>();
  private said = "";

  constructor(private readonly verb: "pulling" | "pushing" = "pulling") {}

  /** A new text, or undefined when there is nothing new to say. */
  take({ id, status }: DaemonMessage): string | undefined {
    if (!id || !status || status.startsWith("Pulling from")) return undefined;
    this.done.set(
      id,
      /^(Pull complete|Already exists|Pushed|Layer already exists|Mounted from)/.test(status),
    );
    const finished = [...this.done.values()].filter(Boolean).length;
    const text = `${this.verb}: ${finished} of ${this.done.size} layers`;
    if (text === this.said) return undefined;
    this.said = text;
    return text;
  }
}
