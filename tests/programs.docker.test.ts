/**
 * The agent's and the services' own tests, in containers that have what they need: a compiler, a Redis, an etcd. The
 * machine itself needs none of that.
 */
import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { pack } from "tar-fs";
import type { ImageName } from "../components/images";
import { dockerConnection } from "../infra/engine/providers/docker/connection";
import { ensureImages } from "../infra/setup/images";
import { runToEnd } from "./run-to-end";

interface Program {
  folder: string;
  base: ImageName;
  /** Packages of the base image's distribution that only the tests need. */
  packages: string[];
  /** What is copied and run before the sources, so that it is done once. */
  dependencies: { files: string[]; install: string };
  command: string;
}

const npm = { files: ["package.json", "package-lock.json", ".npmrc"], install: "npm ci" };
const pip = {
  files: ["requirements.txt", "requirements-build.txt", "requirements-dev.txt"],
  install: "python3 -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements-dev.txt",
};
const go = {
  files: ["go.mod", "go.sum"],
  install: "go mod download && go build -race go.etcd.io/etcd/client/v3",
};

const programs: Program[] = [
  {
    folder: "services/users",
    base: "node",
    packages: ["redis-server"],
    dependencies: npm,
    command: "npm test",
  },
  {
    folder: "services/orders",
    base: "node",
    packages: ["redis-server"],
    dependencies: npm,
    command: "npm test",
  },
  {
    folder: "services/payments",
    base: "python",
    packages: ["redis-server", "python3-venv"],
    dependencies: pip,
    command: "/venv/bin/python -m pytest -q",
  },
  {
    folder: "components/agent",
    base: "golang",
    packages: ["etcd-server", "etcd-client", "gcc", "libc6-dev"],
    dependencies: go,
    command: "go vet ./... && go test -race ./...",
  },
];

for (const program of programs) {
  test(`the tests of ${program.folder} pass, and none is skipped`, { timeout: 20 * 60_000 }, async () => {
    const docker = dockerConnection();
    const base = (await ensureImages([program.base]))[program.base];
    const image = `flotilla.local/tests/${path.basename(program.folder)}`;
    const stream = await docker.buildImage(context(program, base) as unknown as NodeJS.ReadableStream, {
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
  });
}

/** The program's folder with a Dockerfile made for its tests. */
function context({ folder, packages, dependencies, command }: Program, base: string) {
  const dockerfile = [
    `FROM ${base}`,
    `RUN apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`,
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
