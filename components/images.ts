/**
 * The catalogue of third-party images: the one place where their versions stand.
 *
 * `npm run images:pin` writes their digests to `image-digests.json` where an image registry answers.
 */
import digests from "./image-digests.json";

/** An image that Flotilla did not build. */
export interface CataloguedImage {
  /** Repository with its registry host, without a tag. */
  repository: string;
  tag: string;
}

export const images = {
  /** Runs and builds services in TypeScript. */
  node: { repository: "docker.io/library/node", tag: "22.23.3-bookworm-slim" },
  /** Runs services in Python. */
  python: { repository: "docker.io/library/python", tag: "3.11-slim-bookworm" },
  /** Builds the agent. */
  golang: { repository: "docker.io/library/golang", tag: "1.26-bookworm" },
  /** The gateway. */
  envoy: { repository: "docker.io/envoyproxy/envoy", tag: "distroless-v1.36.2" },
  /** The registry of kind `etcd`. */
  etcd: { repository: "quay.io/coreos/etcd", tag: "v3.6.5" },
  /** The state of the example architecture. */
  redis: { repository: "docker.io/library/redis", tag: "7.4-bookworm" },
  /** A queue whose length autoscaling follows; its messages pass the gateway as they are. */
  rabbitmq: { repository: "docker.io/library/rabbitmq", tag: "4.1.6" },
  /** The registry of kind `consul`. */
  consul: { repository: "docker.io/hashicorp/consul", tag: "1.22.0" },
  /** The registry of kind `zookeeper`. */
  zookeeper: { repository: "docker.io/library/zookeeper", tag: "3.9.4" },
} satisfies Record<string, CataloguedImage>;

export type ImageName = keyof typeof images;

const pinned: Record<string, string> = digests;

/**
 * The reference to pull for a catalogued image: pinned by digest once `npm run images:pin` has run.
 *
 * @example imageReference("redis"); // "docker.io/library/redis:7.4-bookworm"
 */
export function imageReference(name: ImageName): string {
  const { repository, tag } = images[name];
  const digest = pinned[name];
  return digest === undefined ? `${repository}:${tag}` : `${repository}:${tag}@${digest}`;
}
