/** Makes third-party images ready on the daemon in use: from their registries, or as stand-ins where none answers. */
import * as path from "node:path";
import type Docker from "dockerode";
import { type ImageName, images } from "../../components/images";
import { daemonAddress, dockerConnection } from "../engine/providers/docker/connection";
import { cacheFolder } from "./cache.js";
import { extraCertificates } from "./certificates";
import { forgetDecisions, type ImageDecision, readDecision, writeDecision } from "./image-record";
import { withLock } from "./lock.js";
import { presentReferences, removeNameless } from "./present-images";
import { imagesFromRegistry, registryAnswers, trustLabel } from "./registry-images";
import { StandInBuilder, stageLabel, standInLabel } from "./stand-ins/builder";
import { StandInNames } from "./stand-ins/names";
import { step } from "./steps.js";

export { pinImages } from "./registry-images";

type Origin = ImageDecision["origin"];
type Supplier = (docker: Docker, names: ImageName[]) => Promise<Record<string, string>>;

const suppliers: Record<Origin, Supplier> = { registry: imagesFromRegistry, "stand-in": imagesFromStandIns };

/** Images that most architectures do without and whose stand-ins take minutes: made ready only when asked for by name. */
const onRequest: ImageName[] = ["consul", "rabbitmq", "zookeeper"];

const usual = (Object.keys(images) as ImageName[]).filter((name) => !onRequest.includes(name));

/**
 * Makes catalogued images ready and returns their references on the daemon in use.
 *
 * Where they come from is decided once per daemon and recorded; what is missing of it is made again.
 *
 * @param names @default all of the catalogue but those that few need
 * @example (await ensureImages(["redis"])).redis; // "docker.io/library/redis:7.4-bookworm"
 */
export async function ensureImages(names: ImageName[] = usual): Promise<Record<string, string>> {
  const docker = dockerConnection();
  const { ID: daemon } = await docker.info();
  return (await readyStandIns(docker, daemon, names)) ?? makeReady(docker, daemon, names);
}

function makeReady(docker: Docker, daemon: string, names: ImageName[]): Promise<Record<string, string>> {
  return withImagesLocked(async () => {
    const recorded = readDecision(daemon);
    const origin = recorded?.origin ?? (await decideOrigin(docker));
    const made = await suppliers[origin](docker, names);
    writeDecision(daemon, {
      decidedAt: recorded?.decidedAt ?? new Date().toISOString(),
      origin,
      references: { ...recorded?.references, ...made },
    });
    return made;
  });
}

/** Makes ready what a stack may run whose registry is of this kind. */
export function ensureStackImages(registryKind: string | undefined): Promise<Record<string, string>> {
  return ensureImages([...usual, ...onRequest.filter((name) => name === registryKind)]);
}

/** Where third-party images come from on the daemon in use, as far as that is decided, and whether a registry answers. */
export async function imageSource(): Promise<{ origin: Origin | undefined; registryAnswers: boolean }> {
  const docker = dockerConnection();
  const { ID: daemon } = await docker.info();
  return { origin: readDecision(daemon)?.origin, registryAnswers: await registryAnswers(docker) };
}

function decideOrigin(docker: Docker): Promise<Origin> {
  return step("Look for an image registry", async () =>
    (await registryAnswers(docker)) ? "registry" : "stand-in",
  );
}

/** What is there and recorded, so that nobody who needs no more waits for the builds of another set-up. */
async function readyStandIns(
  docker: Docker,
  daemon: string,
  names: ImageName[],
): Promise<Record<string, string> | undefined> {
  const recorded = readDecision(daemon);
  if (recorded?.origin !== "stand-in" || recorded.address !== daemonAddress({}).url) {
    return undefined;
  }
  const present = await presentReferences(docker, standInLabel);
  const standIns = await standInNames(docker);
  const references = Object.fromEntries(names.map((name) => [name, standIns.of(name)]));
  const isReady = names.every((name) => {
    return recorded.references[name] === references[name] && present.has(references[name]);
  });
  return isReady ? references : undefined;
}

async function standInNames(docker: Docker): Promise<StandInNames> {
  const { Arch: architecture } = await docker.version();
  return new StandInNames(architecture, extraCertificates());
}

async function imagesFromStandIns(docker: Docker, names: ImageName[]): Promise<Record<string, string>> {
  const present = await presentReferences(docker, standInLabel);
  const standIns = await standInNames(docker);
  const builder = new StandInBuilder(docker, standIns, present);
  const references = Object.fromEntries(names.map((name) => [name, standIns.of(name)]));
  if (Object.values(references).every((reference) => present.has(reference))) {
    return references;
  }
  // All of them end before the first failure is told: none goes on building unseen.
  const builds = await Promise.allSettled(names.map((name) => builder.ensure(name)));
  await removeNameless(docker, stageLabel);
  const failed = builds.find((build) => build.status === "rejected");
  if (failed) {
    throw failed.reason;
  }
  return references;
}

/** Removes every image that set-up made on the daemon in use and forgets what was decided; returns their names. */
export function cleanStandIns(): Promise<string[]> {
  return withImagesLocked(async () => {
    const docker = dockerConnection();
    const removed: string[] = [];
    for (const label of [standInLabel, trustLabel]) {
      for (const reference of await presentReferences(docker, label)) {
        await removeImage(docker, reference);
        removed.push(reference);
      }
    }
    await removeNameless(docker, stageLabel);
    forgetDecisions();
    return removed;
  });
}

async function removeImage(docker: Docker, reference: string): Promise<void> {
  try {
    await docker.getImage(reference).remove();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 409) {
      throw new Error(`${reference} is in use by a container. Run "npm run down" first.`);
    }
    throw error;
  }
}

/** Set-ups that run at the same time would build the same images twice. */
function withImagesLocked<T>(work: () => Promise<T>): Promise<T> {
  return withLock(path.join(cacheFolder(), "images.lock"), work);
}
