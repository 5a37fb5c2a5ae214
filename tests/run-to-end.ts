import type Docker from "dockerode";

/** Runs a container to its end, with the archive's files in it, and removes it whatever happens. */
export async function runToEnd(
  container: Docker.Container,
  files?: NodeJS.ReadableStream,
): Promise<{ exitCode: number; output: string }> {
  try {
    if (files !== undefined) {
      await container.putArchive(files, { path: "/" });
    }
    await container.start();
    const { StatusCode } = await container.wait();
    const output = await container.logs({ stdout: true, stderr: true, follow: false });
    return { exitCode: StatusCode, output: output.toString("utf8") };
  } finally {
    await container.remove({ force: true });
  }
}
