/**
 * The shop from images that are there to the first answer through its gateway, by `up` and by `docker compose up` of equal
 * containers. `npm run bench:up`, with Docker Compose on the PATH as `docker-compose`, or named by DOCKER_COMPOSE.
 *
 * Compose is given what it has no part for: the files that our volumes hold, filled before, and the order in which our
 * containers wait for each other. Ours also makes passwords, keys and certificates, and builds the images again from layers
 * that are there.
 */
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { imageReference } from "../components";
import { exportStack } from "../infra/engine";
import { dockerConnection } from "../infra/engine/providers/docker/connection";
import { buildImage } from "../infra/setup/build-image";
import { readImageRecord } from "../infra/setup/image-record";
import { composeFile, nameOf, type RunningContainer } from "./compose-file";

const ROOT = path.resolve(__dirname, "..");
const STACK = "bench-up";
const PORT = 18_499;
const POLL_MS = 50;
const LONGEST_MS = 10 * 60_000;
const compose = process.env.DOCKER_COMPOSE ?? "docker-compose";

const docker = dockerConnection();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flotilla-bench-"));
const backend = { PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: "bench" };
const configuration = path.join(ROOT, `Pulumi.${STACK}.yaml`);

/** Runs a program to its end; what it says is shown only when it fails. */
async function run(program: string, ...words: string[]): Promise<void> {
  const child = spawn(program, words, { cwd: ROOT, env: { ...process.env, ...backend }, stdio: "pipe" });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      said += text;
    });
  }
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) {
    throw new Error(`${program} ${words.join(" ")} ended with ${code}:\n${said}`);
  }
}

const flotilla = (verb: string) =>
  run(process.execPath, "bin/flotilla.js", verb, "--stack", STACK, "--engine", "embedded");

/** Seconds from the start of some work until a user is made through the gateway; the work must end well. */
async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  let failed = false;
  const done = work().catch((error) => {
    failed = true;
    throw error;
  });
  done.catch(() => undefined);
  let seconds: number | undefined;
  while (seconds === undefined && !failed && performance.now() - start < LONGEST_MS) {
    const body = JSON.stringify({ name: "Ada", email: `${start}@example.com`, password: "correct horse" });
    const headers = { "content-type": "application/json" };
    const url = `http://127.0.0.1:${PORT}/users`;
    const answered = await fetch(url, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.timeout(2000),
    }).then(
      ({ ok }) => ok,
      () => false,
    );
    seconds = answered ? (performance.now() - start) / 1000 : undefined;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await done;
  if (seconds === undefined) {
    throw new Error("The gateway did not answer in ten minutes.");
  }
  return seconds;
}

/** The stack's containers that last, each with those of its dependencies that do. */
async function runningContainers(): Promise<RunningContainer[]> {
  const filters = { label: [`flotilla.stack=flotilla/${STACK}`] };
  const listed = await docker.listContainers({ filters });
  const inspected = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  const { deployment } = await exportStack({
    ...{ directory: ROOT, stack: STACK, backendUrl: backend.PULUMI_BACKEND_URL, passphrase: "bench" },
  });
  const resources = (deployment as { resources: Resource[] }).resources;
  const idOf = new Map(resources.map(({ urn, id }) => [urn, id]));
  const waited = new Set(resources.filter(({ inputs }) => inputs?.wait === true).map(({ id }) => id));
  const byId = new Map(inspected.map((container) => [container.Id, container]));
  return inspected.map((container) => {
    const { dependencies = [] } = resources.find(({ id }) => id === container.Id) ?? {};
    const after = dependencies.flatMap((urn) => {
      const other = byId.get(idOf.get(urn) ?? "");
      const condition = waited.has(other?.Id) ? "service_healthy" : "service_started";
      return other === undefined ? [] : [[nameOf(other), condition] as const];
    });
    return { inspected: container, after: new Map(after) };
  });
}

interface Resource {
  urn: string;
  id?: string;
  inputs?: { wait?: boolean };
  dependencies?: string[];
}

/** Names by which images and files outlive our stack: Compose gets the same ones, data volumes empty. */
async function keep(running: RunningContainer[]) {
  const images = new Map<string, string>();
  const volumes = new Map<string, string>();
  for (const { inspected } of running) {
    const { Id: id, Config: config } = await docker.getImage(inspected.Image).inspect();
    if (config.Labels?.["flotilla.stack"] !== undefined && !images.has(id)) {
      const reference = `flotilla.local/bench-up:${images.size}`;
      await relabel(id, reference);
      images.set(id, reference);
    }
  }
  const mounts = running.flatMap(({ inspected }) => inspected.Mounts).filter(({ Type }) => Type === "volume");
  const written = new Set(mounts.filter(({ RW }) => RW).map(({ Name }) => Name));
  const image = readImageRecord().redis ?? imageReference("redis");
  for (const name of new Set(mounts.map(({ Name }) => Name!))) {
    const copy = `flotilla-bench-up-${volumes.size}`;
    await docker.createVolume({ Name: copy });
    await copyVolume(image, name, copy, written.has(name));
    volumes.set(name, copy);
  }
  return { images, volumes };
}

/** The same image under another name, which is not one of the stack. */
async function relabel(image: string, reference: string): Promise<void> {
  const context = [{ path: "Dockerfile", content: "ARG BASE_IMAGE\nFROM $BASE_IMAGE\n" }];
  const labels = { "flotilla.stack": "none" };
  await buildImage(docker, { reference, context, arguments: { BASE_IMAGE: image }, labels }, () => undefined);
}

/** Fills a volume as another one is; of one that containers write into, only who owns it. */
async function copyVolume(image: string, from: string, to: string, isWritten: boolean): Promise<void> {
  const command = isWritten
    ? "chown --reference=/from /to && chmod --reference=/from /to"
    : "cp -a /from/. /to && chown --reference=/from /to && chmod --reference=/from /to";
  const container = await docker.createContainer({
    ...{
      Image: image,
      Entrypoint: ["sh", "-c", command],
      Cmd: [],
      User: "0:0",
      Healthcheck: { Test: ["NONE"] },
    },
    HostConfig: { Binds: [`${from}:/from:ro`, `${to}:/to`] },
  });
  await container.start();
  const { StatusCode } = await container.wait();
  await container.remove();
  if (StatusCode !== 0) {
    throw new Error(`The volume ${from} could not be copied: exit code ${StatusCode}.`);
  }
}

async function main(): Promise<void> {
  if (spawnSync(compose, ["version"]).status !== 0) {
    throw new Error(`"${compose}" does not run. Set DOCKER_COMPOSE to the path of Docker Compose.`);
  }
  const config = {
    "flotilla:target": "docker",
    "flotilla:architecture": "stacks/shop.ts",
    "flotilla:settings": { httpPort: PORT },
  };
  fs.writeFileSync(configuration, stringify({ config }));
  const file = path.join(folder, "compose.yaml");
  const byCompose = (...words: string[]) => run(compose, "-p", "flotilla-bench-up", "-f", file, ...words);
  let kept: Awaited<ReturnType<typeof keep>> = { images: new Map(), volumes: new Map() };
  try {
    await flotilla("up");
    const running = await runningContainers();
    kept = await keep(running);
    fs.writeFileSync(file, stringify(composeFile(running, kept)));
    await flotilla("destroy");
    const theirs = await timed(() => byCompose("up", "--detach"));
    await byCompose("down", "--timeout", "30");
    const ours = await timed(() => flotilla("up"));
    const figures = {
      containers: running.length,
      upSeconds: ours,
      composeSeconds: theirs,
      ratio: ours / theirs,
    };
    console.log(
      JSON.stringify(figures, (_, value) => (typeof value === "number" ? Number(value.toFixed(2)) : value)),
    );
  } finally {
    await flotilla("destroy").catch(console.error);
    if (fs.existsSync(file)) {
      await byCompose("down").catch(console.error);
    }
    await Promise.allSettled([...kept.volumes.values()].map((name) => docker.getVolume(name).remove()));
    await Promise.allSettled([...kept.images.values()].map((name) => docker.getImage(name).remove()));
    fs.rmSync(configuration, { force: true });
    fs.rmSync(folder, { recursive: true });
  }
}

void main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
