import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Problems } from "../../problems";

/** How the cluster's nodes get images of the local daemon: from an image registry, or loaded by a command. */
export type ImagesArgs = PushedImagesArgs | LoadedImagesArgs;

/** Images are pushed to an image registry, from which the nodes pull them. */
export interface PushedImagesArgs {
  /** Registry host and folder of the images, e.g. `"registry.example.com/shop"`. */
  push: string;
  /** For pushing and pulling. @default - none is needed */
  username?: pulumi.Input<string>;
  /** For pushing and pulling. @default - none is needed */
  password?: pulumi.Input<string>;
}

/** Images are handed to a cluster of this machine by a command. */
export interface LoadedImagesArgs {
  /** Program and arguments that read what `docker save` writes, e.g. `["minikube", "image", "load", "-"]`. */
  load: string[];
}

/** Brings images of the local daemon to where the cluster's nodes find them. */
export interface ImageDelivery {
  /** Names of the Secrets with which the nodes pull them. */
  readonly pullSecrets: pulumi.Input<string>[];
  /** Reference of an image of the daemon as the nodes find it; whatever reads it is made after the delivery. */
  deliver(name: string, image: docker.RemoteImage, parent: pulumi.Resource): pulumi.Output<string>;
}

const REPOSITORY = /^[a-z0-9.-]+(:[0-9]+)?(\/[a-z0-9._-]+)+$/;

/** Records everything that is wrong with how images are delivered. */
export function checkImages(problems: Problems, at: string, images: ImagesArgs): void {
  const { push, username, password, load } = images as Partial<PushedImagesArgs & LoadedImagesArgs>;
  if ((push === undefined) === (load === undefined)) {
    const fix = 'Write { push: "registry.example.com/shop" }.';
    problems.add(at, "must have either push or load", Object.keys(images), fix);
  }
  if (push !== undefined && !REPOSITORY.test(push)) {
    const rule = "must be a registry's host and a folder, without tag";
    problems.add(`${at}.push`, rule, push, 'Write one like "registry.example.com/shop".');
  }
  if ((username === undefined) !== (password === undefined)) {
    const missing = username === undefined ? "username" : "password";
    problems.add(`${at}.${missing}`, "is needed beside the other one", undefined, "Write both or none.");
  }
  if (load !== undefined && load.length === 0) {
    problems.add(`${at}.load`, "must name a program", load, 'Write ["minikube", "image", "load", "-"].');
  }
}
