import { spawn } from "node:child_process";
import * as docker from "@pulumi/docker";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesHost } from "./host";
import type { ImageDelivery, LoadedImagesArgs } from "./image-delivery";

/**
 * Loads images into a cluster of this machine. A ConfigMap says of each that it is there, and is made only once that is so:
 * an image is loaded again when its content changes or the cluster is a new one, and at no other time.
 */
export class LoadedImages implements ImageDelivery {
  readonly pullSecrets = [];
  private readonly hook: pulumi.ResourceHook;
  private readonly loads = new Map<string, Promise<void>>();

  constructor(
    private readonly host: KubernetesHost,
    name: string,
    private readonly images: LoadedImagesArgs,
  ) {
    this.hook = new pulumi.ResourceHook(`${name}-load-image`, ({ newInputs }) =>
      this.load(newInputs!.data.reference),
    );
  }

  deliver(name: string, image: docker.RemoteImage, parent: pulumi.Resource): pulumi.Output<string> {
    const data = { reference: image.name, imageId: image.imageId };
    const metadata = this.host.metadata(pulumi.interpolate`image-${name}-${this.host.digest(data)}`);
    const loaded = new ConfigMap(
      `${name}-loaded`,
      { metadata, immutable: true, data },
      this.host.options(parent, { hooks: { beforeCreate: [this.hook] } }),
    );
    // Its URN is known before it is made, so that a preview shows the reference.
    return pulumi.all([image.name, loaded.urn]).apply(([reference]) => reference);
  }

  /** Several containers may have the same image. */
  private load(reference: string): Promise<void> {
    const known = this.loads.get(reference) ?? loadImage(reference, this.images.load);
    this.loads.set(reference, known);
    return known;
  }
}

/** Pipes an image from the daemon into a command. */
export async function loadImage(reference: string, [program, ...args]: string[]): Promise<void> {
  const daemon = docker.config.host === undefined ? [] : ["--host", docker.config.host];
  const save = start("docker", [...daemon, "save", reference]);
  const load = start(program, args);
  save.process.stdout.pipe(load.process.stdin);
  // A command that ends early says why by itself.
  load.process.stdin.on("error", () => save.process.kill());
  load.process.stdout.resume();
  const failures = (await Promise.all([load.ended, save.ended])).filter((failure) => failure !== undefined);
  if (failures.length > 0) {
    const hint = "images.load must read what docker save writes from its standard input.";
    throw new pulumi.RunError(`${reference} could not be loaded. ${failures.join(" ")} ${hint}`);
  }
}

/** A process, and what went wrong with it, if anything did. */
function start(program: string, args: string[]) {
  const process = spawn(program, args);
  let errors = "";
  process.stderr.on("data", (chunk) => {
    errors = `${errors}${chunk}`.slice(-2000);
  });
  const ended = new Promise<string | undefined>((resolve) => {
    process.on("error", ({ message }) => resolve(`${program} could not be run: ${message}.`));
    process.on("close", (code) =>
      resolve(
        code === 0 ? undefined : `${[program, ...args].join(" ")} ended with ${code}: ${errors.trim()}.`,
      ),
    );
  });
  return { process, ended };
}
