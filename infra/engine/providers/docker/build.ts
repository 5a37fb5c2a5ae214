/** Building an image with the daemon's own builder. */
import type { CallContext, Properties } from "../../provider";
import { packContext } from "./build-context";
import type { Daemon } from "./daemon";
import { failed, isMissing } from "./errors";
import { type DaemonMessage, readMessages } from "./progress-stream";
import { registryConfig } from "./registry-auth";
import { tagImage } from "./tag";

const LAST_LINES = 20;

/**
 * Builds, then tags; the error of a failed build has its failed step and the end of its output. The daemon may go on with
 * the build of a run that was killed: it gives no names, so that it cannot take them from what the next run builds.
 */
export async function buildImage(
  daemon: Daemon,
  context: CallContext,
  name: string,
  build: Properties,
  platform: string | undefined,
): Promise<void> {
  const output = new BuildOutput();
  const run = async () => {
    const { archive, dockerfile } = packContext(build.context, build.dockerfile ?? "Dockerfile");
    const stream: unknown = await daemon.docker.buildImage(archive, {
      ...buildOptions(build, platform),
      dockerfile,
      registryconfig: registryConfig(daemon.credentials),
      abortSignal: context.signal,
    });
    await readMessages(stream as AsyncIterable<Buffer>, (message) => {
      const step = output.take(message);
      if (step) context.progress(step);
    });
  };
  const make = async () => {
    await daemon.builds.run(run, () => context.progress("waiting for other builds"));
    if (output.error) return;
    const image = daemon.docker.getImage(output.imageId);
    for (const reference of [name, ...(build.tags ?? [])]) await tagImage(image, reference);
  };
  try {
    // Of the same content the daemon makes the same image: whoever deletes theirs before ours has a name deletes ours.
    await make().catch((error) => (isMissing(error) ? make() : Promise.reject(error)));
  } catch (error) {
    throw failed(`image ${name} could not be built`, error);
  }
  if (output.error) throw new Error(`image ${name} could not be built${output.failure()}`);
}

/** What the API takes as query of a build; it reads a parameter that is there and empty as a value. */
export function buildOptions(build: Properties, platform: string | undefined): Properties {
  const options = {
    buildargs: build.buildArgs,
    extrahosts: build.extraHosts?.join(),
    forcerm: true,
    labels: { ...build.label, ...build.labels },
    memory: build.memory,
    memswap: build.memorySwap,
    networkmode: build.networkMode,
    nocache: build.noCache,
    platform: build.platform ?? platform,
    pull: build.pullParent,
    rm: build.remove !== false,
    shmsize: build.shmSize,
    target: build.target,
    version: "1",
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** What the builder says about its own work. */
const BOOKKEEPING = /^( ---> |Removing intermediate container )/;

/** Follows a build's output: where it is, how it ended. */
export class BuildOutput {
  error: string | undefined;
  private built: string | undefined;
  private step = "";
  private readonly lines: string[] = [];

  /** The new step, when one begins. */
  take(message: DaemonMessage): string | undefined {
    this.built = message.aux?.ID ?? this.built;
    this.error = message.errorDetail?.message ?? message.error ?? this.error;
    const text = message.stream?.trimEnd();
    if (!text) return undefined;
    this.lines.push(...text.split("\n").filter((line) => !BOOKKEEPING.test(line)));
    this.lines.splice(0, this.lines.length - LAST_LINES);
    const found = /^Step (\d+)\/(\d+) : (.*)$/m.exec(text);
    if (!found) return undefined;
    this.step = `step ${found[1]}/${found[2]} ${found[3]}`;
    return this.step;
  }

  /** Throws when the builder ended without a word of what it has built. */
  get imageId(): string {
    if (this.built === undefined) throw new Error("the builder did not say which image it has built");
    return this.built;
  }

  /** What to put behind "could not be built". */
  failure(): string {
    const where = this.step ? ` in ${this.step}` : "";
    const end = this.lines.map((line) => `\n    ${line}`).join("");
    return `${where}: ${this.error}${end && `\n  end of its output:${end}`}`;
  }
}
