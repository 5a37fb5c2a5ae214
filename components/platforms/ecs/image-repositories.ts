import { createHash } from "node:crypto";
import { getAuthorizationTokenOutput } from "@pulumi/aws/ecr/getAuthorizationToken";
import { LifecyclePolicy } from "@pulumi/aws/ecr/lifecyclePolicy";
import { Repository } from "@pulumi/aws/ecr/repository";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { EcsHost } from "./host";

type RepositoryHost = Pick<EcsHost, "prefix" | "kmsKeyArn" | "deletionProtection" | "tags" | "options">;

/** Images that no longer run are of use for a way back; an untagged one is of none. */
const KEPT_IMAGES = 30;
const UNTAGGED_DAYS = 1;

/**
 * Pushes images of the local daemon to repositories of their own at ECR, third-party ones too: tasks pull from nowhere else,
 * so that no limit or outage of another image registry stops them, and VPC endpoints suffice.
 */
export class ImageRepositories {
  private credentials: pulumi.Output<{ username: string; password: string }> | undefined;

  constructor(
    private readonly host: RepositoryHost,
    private readonly parent: pulumi.Resource,
  ) {}

  /** Reference by digest of an image of the daemon. `content` names what is in it, e.g. `7.4-bookworm` or a hash. */
  push(
    name: string,
    image: docker.RemoteImage,
    content: pulumi.Input<string>,
    parent: pulumi.Resource,
  ): pulumi.Output<string> {
    const repository = this.repository(name, parent);
    const tag = new docker.Tag(
      `${name}-tag`,
      {
        sourceImage: image.name,
        targetImage: pulumi.interpolate`${repository.repositoryUrl}:${content}`,
      },
      { parent },
    );
    const address = repository.repositoryUrl.apply((url) => url.slice(0, url.indexOf("/")));
    const { username, password } = this.login();
    // The token lasts 12 hours, so what was pushed once is never compared with a new one; another content is another resource.
    const known = typeof content === "string";
    const pushed = new docker.RegistryImage(
      known ? `${name}-push-${content}` : `${name}-push`,
      { name: tag.targetImage, keepRemotely: true, authConfig: { address, username, password } },
      { parent, ignoreChanges: known ? ["authConfig"] : [] },
    );
    return pulumi.interpolate`${repository.repositoryUrl}@${pushed.sha256Digest}`;
  }

  private repository(image: string, parent: pulumi.Resource): Repository {
    const { host } = this;
    const name = `${host.prefix}/${image}`;
    const repository = new Repository(
      `${image}-repository`,
      {
        name,
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations:
          host.kmsKeyArn === undefined ? undefined : [{ encryptionType: "KMS", kmsKey: host.kmsKeyArn }],
        forceDelete: !host.deletionProtection,
        tags: host.tags(name),
      },
      host.options(parent),
    );
    new LifecyclePolicy(
      `${image}-repository-rules`,
      { repository: repository.name, policy: JSON.stringify(RULES) },
      host.options(parent),
    );
    return repository;
  }

  private login(): pulumi.Output<{ username: string; password: string }> {
    if (this.credentials === undefined) {
      const { parent, host } = this;
      const token = getAuthorizationTokenOutput({}, { parent, provider: host.options(parent).provider });
      this.credentials = pulumi.secret(
        token.apply(({ userName, password }) => ({ username: userName, password })),
      );
    }
    return this.credentials;
  }
}

const RULES = {
  rules: [
    {
      rulePriority: 1,
      description: `Untagged images go after ${UNTAGGED_DAYS} day`,
      selection: {
        tagStatus: "untagged",
        countType: "sinceImagePushed",
        countUnit: "days",
        countNumber: UNTAGGED_DAYS,
      },
      action: { type: "expire" },
    },
    {
      rulePriority: 2,
      description: `The last ${KEPT_IMAGES} images stay`,
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: KEPT_IMAGES },
      action: { type: "expire" },
    },
  ],
};

/** Tag of a copy of someone else's image: its own, and which repository that was. */
export function mirrorTag(reference: pulumi.Input<string>): pulumi.Input<string> {
  if (typeof reference !== "string") {
    return pulumi.output(reference).apply(mirrorTagOf);
  }
  return mirrorTagOf(reference);
}

function mirrorTagOf(reference: string): string {
  const tag = /:([^/:@]+)(@.*)?$/.exec(reference)?.[1] ?? "copy";
  const hash = createHash("sha256").update(reference).digest("hex").slice(0, 12);
  return `${tag.slice(0, 100)}-${hash}`;
}

const ECR_IMAGE = /^(\d+)\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com[a-z.]*\/([^:@]+)/;

/** ARN of the repository that an image is in; undefined where that is not at ECR. */
export function repositoryArn(
  partition: pulumi.Output<string>,
  image: string,
): pulumi.Output<string> | undefined {
  const [, account, region, repository] = ECR_IMAGE.exec(image) ?? [];
  return account === undefined
    ? undefined
    : pulumi.interpolate`arn:${partition}:ecr:${region}:${account}:repository/${repository}`;
}
