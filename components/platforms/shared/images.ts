import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type ImageName, imageReference, images } from "../../images";
import type { ImageBuild, ImageCredentials } from "../../platform";
import { Problems } from "../../problems";
import { contextHash, declaredArgs } from "./context-hash";

/** Where images are built. */
export interface ImageHost {
  /** Registry host and folder of the images that it builds, e.g. `flotilla.local/flotilla-shop-dev`. */
  readonly repository: string;
  /** Operating system and processor of what it pulls, e.g. `linux/amd64`. @default - the daemon's own */
  readonly platform?: string;
  /** Options of a resource of the daemon that builds. */
  options(parent: pulumi.Resource): pulumi.CustomResourceOptions;
}

/** Builds on the daemon under a name that says what went in: a preview is exact, and an unchanged source builds nothing. */
export function builtImage(
  host: ImageHost,
  name: string,
  build: ImageBuild,
  labels: Record<string, pulumi.Input<string>>,
  parent: pulumi.Resource,
): docker.RemoteImage {
  const hash = contextHash(build);
  const { context, dockerfile, args: buildArgs, target, platform } = build;
  return new docker.RemoteImage(
    `${name}-image`,
    {
      name: `${host.repository}/${name}:${hash}`,
      build: { context, dockerfile, buildArgs, target, platform, label: labels },
      triggers: { content: hash },
    },
    host.options(parent),
  );
}

/** Takes an image that is there, or pulls it; it stays on the daemon afterwards, as others may use it too. */
export function pulledImage(
  host: ImageHost,
  name: string,
  reference: pulumi.Input<string>,
  credentials: ImageCredentials | undefined,
  parent: pulumi.Resource,
): docker.RemoteImage {
  const options = host.options(parent);
  if (credentials !== undefined) {
    if (options.provider !== undefined) {
      const problems = new Problems(`Image "${name}"`);
      const rule = "cannot be used beside the platform's own provider";
      const fix = "Put registryAuth into that provider, and take imageCredentials out.";
      problems.add("imageCredentials", rule, credentials.address, fix);
      problems.throwIfAny();
    }
    const registryAuth = [{ ...credentials, password: pulumi.secret(credentials.password) }];
    // An explicit provider reads nothing of the stack's configuration by itself.
    const {
      host: address,
      context,
      sshOpts,
      certPath,
      caMaterial,
      certMaterial,
      keyMaterial,
    } = docker.config;
    const daemon = { host: address, context, sshOpts, certPath, caMaterial, certMaterial, keyMaterial };
    const provider = new docker.Provider(`${name}-image-registry`, { ...daemon, registryAuth }, { parent });
    options.provider = provider;
  }
  const { platform } = host;
  return new docker.RemoteImage(`${name}-image`, { name: reference, platform, keepLocally: true }, options);
}

/** Base images for the `ARG`s that follow the convention `NODE_IMAGE`, `PYTHON_IMAGE`, …, unless given. */
export function withBaseImages(
  build: ImageBuild,
  references: Partial<Record<ImageName, string>>,
): ImageBuild {
  const declared = new Set(declaredArgs(build));
  const base = (Object.keys(images) as ImageName[])
    .map((name) => [`${name.toUpperCase()}_IMAGE`, references[name] ?? imageReference(name)])
    .filter(([argument]) => declared.has(argument));
  return { ...build, args: { ...Object.fromEntries(base), ...build.args } };
}
