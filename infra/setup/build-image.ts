/** Builds an image from a context in memory, with the daemon's own builder. */
import type Docker from "dockerode";
import { pack } from "tar-stream";
import type { ContextFile } from "./certificates";
import { lastLines } from "./host";

export interface ImageBuild {
  reference: string;
  context: ContextFile[];
  arguments: Record<string, string>;
  labels: Record<string, string>;
}

/** Builds and names an image; the error of a failed build ends with its last lines. */
export async function buildImage(
  docker: Docker,
  build: ImageBuild,
  report: (line: string) => void,
): Promise<void> {
  const archive = pack();
  for (const { path, content, mode } of build.context) {
    archive.entry({ name: path, mode: mode ?? 0o644, mtime: new Date(0) }, content);
  }
  archive.finalize();
  const output = await docker.buildImage(archive as unknown as NodeJS.ReadableStream, {
    t: build.reference,
    buildargs: build.arguments,
    labels: build.labels,
    forcerm: true,
  });
  await followOutput(docker, output, report);
}

/** What the daemon tells of a build or an import. */
interface BuildEvent {
  stream?: string;
  status?: string;
  error?: string;
}

/** Waits for a build or an import to end. */
export async function followOutput(
  docker: Docker,
  output: NodeJS.ReadableStream,
  report: (line: string) => void,
): Promise<void> {
  let text = "";
  await new Promise<void>((resolve, reject) => {
    // An event that tells of a failure does not end the stream, so it is kept until that ends.
    let failure: string | undefined;
    const finish = (error: Error | null) => {
      const message = error?.message ?? failure;
      return message === undefined ? resolve() : reject(new Error(`${message}\n${lastLines(text)}`));
    };
    docker.modem.followProgress(output, finish, (event: BuildEvent) => {
      const line = event.stream ?? event.status ?? "";
      text += line;
      failure ??= event.error;
      report(line);
    });
  });
}
