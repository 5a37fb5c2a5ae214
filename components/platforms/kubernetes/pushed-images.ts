import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesHost } from "./host";
import type { ImageDelivery, PushedImagesArgs } from "./image-delivery";
import { pullSecret } from "./pull-secret";

/** Pushes images to an image registry; pods refer to them by digest. */
export class PushedImages implements ImageDelivery {
  readonly pullSecrets: pulumi.Input<string>[] = [];
  private readonly folder: string;
  private readonly authConfig?: docker.types.input.RegistryImageAuthConfig;

  constructor(host: KubernetesHost, name: string, images: PushedImagesArgs, parent: pulumi.Resource) {
    const { push, username, password } = images;
    this.folder = push;
    if (username !== undefined && password !== undefined) {
      const address = push.slice(0, push.indexOf("/"));
      this.authConfig = { address, username, password: pulumi.secret(password) };
      this.pullSecrets = [
        pullSecret(host, `${name}-images`, { address, username, password }, parent).metadata.name,
      ];
    }
  }

  deliver(name: string, image: docker.RemoteImage, parent: pulumi.Resource): pulumi.Output<string> {
    const repository = `${this.folder}/${name}`;
    const content = image.imageId.apply((id) => id.replace(/^sha256:/, "").slice(0, 16));
    const tag = new docker.Tag(
      `${name}-tag`,
      { sourceImage: image.name, targetImage: pulumi.interpolate`${repository}:${content}` },
      { parent },
    );
    const pushed = new docker.RegistryImage(
      `${name}-push`,
      // Other stacks, and replicas of the last rollout, may use it.
      { name: tag.targetImage, keepRemotely: true, authConfig: this.authConfig },
      { parent },
    );
    return pulumi.interpolate`${repository}@${pushed.sha256Digest}`;
  }
}
