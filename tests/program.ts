/** Runs the tests of a program in a container that has what they need. */
import assert from "node:assert/strict";
import * as path from "node:path";
import { pack } from "tar-fs";
import type { ImageName } from "../components/images";
import { dockerConnection } from "../infra/engine/providers/docker/connection";
import { ensureImages } from "../infra/setup/images";
import { runToEnd } from "./run-to-end";

export interface Program {
  folder: string;
  base: ImageName;
  /** Packages of the base image's distribution that only the tests need. */
  packages: string[];
  /** Files of other images that only the tests need, each to the same path. */
  tools?: { image: ImageName; path: string }[];
  /** What is copied and run before the sources, so that it is done once. */
  dependencies: { files: string[]; install: string };
  command: string;
}

/** The agent with the registry that is small enough for every run of the tests. */
export const agentTests: Program = {
  folder: "components/agent",
  base: "golang",
  packages: ["etcd-server", "etcd-client", "gcc", "libc6-dev"],
  dependencies: {
    files: ["go.mod", "go.sum"],
    install: "go mod download && go build -race go.etcd.io/etcd/client/v3 github.com/hashicorp/consul/api",
  },
  command: "go vet ./... && go test -race ./...",
};

/** Fails when a test of the program does, or is skipped. */
export async function testProgram(program: Program): Promise<void> {
  const docker = dockerConnection();
  const { tools = [] } = program;
  const images = await ensureImages([program.base, ...tools.map((tool) => tool.image)]);
  const image = `flotilla.local/tests/${path.basename(program.folder)}`;
  const stream = await docker.buildImage(context(program, images) as unknown as NodeJS.ReadableStream, {
    t: image,
    forcerm: true,
    labels: { "flotilla.stand-in": "tests" },
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => {
      const failed = output?.find((event: { error?: string }) => event.error !== undefined);
      const told = output?.map((event: { stream?: string }) => event.stream ?? "").join("");
      return error || failed ? reject(new Error(`${error ?? failed.error}\n${told}`)) : resolve();
    });
  });
  const { exitCode, output } = await runToEnd(
    await docker.createContainer({ Image: image, Tty: true, Env: ["NO_COLOR=1"] }),
  );
  assert.equal(exitCode, 0, output);
  assert.doesNotMatch(output, /^\S* ?skipped [1-9]|[1-9]\d* skipped|\(cached\)|--- SKIP/m);
}

/** The program's folder with a Dockerfile made for its tests. */
function context(program: Program, images: Record<string, string>) {
  const { folder, base, packages, tools = [], dependencies, command } = program;
  const dockerfile = [
    `FROM ${images[base]}`,
    // Java's package wants this folder, which slim images are without.
    "RUN mkdir -p /usr/share/man/man1",
    `RUN apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`,
    ...tools.map((tool) => `COPY --from=${images[tool.image]} ${tool.path} ${tool.path}`),
    "WORKDIR /program",
    `COPY ${dependencies.files.join(" ")} ./`,
    `RUN ${dependencies.install}`,
    "COPY . .",
    `CMD ["sh", "-c", ${JSON.stringify(command)}]`,
  ].join("\n");
  const ignored = /(^|\/)(node_modules|dist|\.venv|__pycache__|\.dockerignore|Dockerfile)(\/|$)/;
  const root = path.resolve(folder);
  return pack(root, {
    ignore: (file) => ignored.test(path.relative(root, file).replaceAll(path.sep, "/")),
    finalize: false,
    finish: (archive) => {
      archive.entry({ name: "Dockerfile" }, `${dockerfile}\n`);
      archive.finalize();
    },
  });
}
