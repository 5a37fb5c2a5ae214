/** Third-party images from their registries, with this machine's certificate authorities where it has extra ones. */
import * as fs from "node:fs";
import * as path from "node:path";
import type Docker from "dockerode";
import { type ImageName, imageReference, images } from "../../components/images";
import { dockerConnection } from "../engine/providers/docker/connection";
import { buildImage } from "./build-image";
import { extraCertificates, trustContext } from "./certificates";
import { presentReferences } from "./present-images";
import { hash } from "./stand-ins/names";
import { step } from "./steps.js";

const answerTimeoutMilliseconds = 5000;

/** On an image that is a catalogued one with more certificate authorities: its name in the catalogue. */
export const trustLabel = "flotilla.with-ca";

/** Images in which package managers run while services are built. */
const buildImageNames: ImageName[] = ["node", "python", "golang"];

const digestsFile = path.join(__dirname, "../../components/image-digests.json");

/** Whether an image registry answers the daemon. */
export async function registryAnswers(docker: Docker): Promise<boolean> {
  return await registryDigest(docker, "redis").then(
    () => true,
    () => false,
  );
}

/** The digest that a registry has for a catalogued image, asked by way of the daemon. */
async function registryDigest(docker: Docker, name: ImageName): Promise<string> {
  const { repository, tag } = images[name];
  const abortSignal = AbortSignal.timeout(answerTimeoutMilliseconds);
  const answer = await docker.getImage(`${repository}:${tag}`).distribution({ abortSignal });
  return answer.Descriptor.digest;
}

/** References of images in their registries; those that services are built on are derived where needed. */
export async function imagesFromRegistry(
  docker: Docker,
  names: ImageName[],
): Promise<Record<string, string>> {
  const certificates = extraCertificates();
  const present = await presentReferences(docker, trustLabel);
  const references: Record<string, string> = {};
  for (const name of names) {
    const needsTrust = certificates.length > 0 && buildImageNames.includes(name);
    references[name] = needsTrust
      ? await withTrust(docker, name, certificates, present)
      : imageReference(name);
  }
  return references;
}

async function withTrust(
  docker: Docker,
  name: ImageName,
  certificates: string[],
  present: Set<string>,
): Promise<string> {
  const catalogued = imageReference(name);
  const context = trustContext(certificates);
  const reference = `flotilla.local/with-ca/${name}:${images[name].tag}-${hash([catalogued], context)}`;
  if (!present.has(reference)) {
    const labels = { [trustLabel]: name };
    await step(`Add this machine's certificate authorities to ${catalogued}`, (report) =>
      buildImage(docker, { reference, context, arguments: { BASE_IMAGE: catalogued }, labels }, report),
    );
  }
  return reference;
}

/** Writes the digests that the registries have for the catalogued images beside the catalogue; returns them. */
export async function pinImages(
  docker: Docker = dockerConnection(),
  file = digestsFile,
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const name of Object.keys(images) as ImageName[]) {
    const { repository, tag } = images[name];
    try {
      digests[name] = await registryDigest(docker, name);
    } catch (error) {
      throw new Error(
        `No digest of ${repository}:${tag}, so nothing was written: ${(error as Error).message} ` +
          "Run this where the Docker daemon reaches the image registries.",
      );
    }
  }
  fs.writeFileSync(file, `${JSON.stringify(digests, undefined, 2)}\n`);
  return digests;
}
