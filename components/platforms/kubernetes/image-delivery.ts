import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

/** How the cluster's nodes get images that are built here: from an image registry, or loaded by a command. */
export type ImagesArgs = PushedImagesArgs | LoadedImagesArgs;

/** Images pushed to an image registry, which the nodes pull from. */
export interface PushedImagesArgs {
  /** Registry host and folder of the images, e.g. `"registry.example.com/shop"`. */
  push: string;
  /** For pushing and pulling. @default - none is needed */
  username?: pulumi.Input<string>;
  /** @default - none is needed */
  password?: pulumi.Input<string>;
}

/** Images handed to a cluster of this machine by a command. */
export interface LoadedImagesArgs {
  /** Program and arguments that read the output of `docker save`, e.g. `["minikube", "image", "load", "-"]`. */
  load: string[];
}

/** Brings images of the local daemon to where the cluster's nodes find them. */
export interface ImageDelivery {
  /** Registry host and folder of the names that images get when they are built. */
  readonly repository: string;
  /** Names of the Secrets with which the nodes pull them. */
  readonly pullSecrets: pulumi.Input<string>[];
  /** Reference of an image of the daemon, as the nodes will find it. */
  deliver(name: string, image: docker.RemoteImage, parent: pulumi.Resource): pulumi.Output<string>;
}
