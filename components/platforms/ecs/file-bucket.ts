import { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock";
import * as pulumi from "@pulumi/pulumi";
import type { EcsHost } from "./host";
import { LONGEST, limited } from "./names";

type BucketHost = Pick<EcsHost, "prefix" | "digest" | "kmsKeyArn" | "tags" | "options">;

/** A file in the bucket. */
export interface StoredFile {
  /** `<bucket>/<key>` */
  place: pulumi.Output<string>;
  arn: pulumi.Output<string>;
  object: pulumi.Resource;
}

/** Keeps files that are too large for a task's definition, or that change while tasks run. Made when the first one comes. */
export class FileBucket {
  private bucket: Bucket | undefined;

  constructor(
    private readonly host: BucketHost,
    private readonly name: string,
    private readonly parent: pulumi.Resource,
  ) {}

  put(
    resource: string,
    key: pulumi.Input<string>,
    content: pulumi.Input<string>,
    parent: pulumi.Resource,
  ): StoredFile {
    const bucket = this.made();
    const object = new BucketObjectv2(
      resource,
      {
        bucket: bucket.bucket,
        key,
        content,
        kmsKeyId: this.host.kmsKeyArn,
        tags: this.host.tags(`${this.host.prefix}-files`),
      },
      this.host.options(parent),
    );
    return {
      place: pulumi.interpolate`${bucket.bucket}/${object.key}`,
      arn: pulumi.interpolate`${bucket.arn}/${object.key}`,
      object,
    };
  }

  private made(): Bucket {
    this.bucket ??= privateBucket(this.host, `${this.name}-files`, "files", [], this.parent);
    return this.bucket;
  }
}

/** What a service of AWS may put into a bucket. */
export interface Writer {
  service: string;
  /** Below the bucket's own ARN. */
  keys: pulumi.Input<string>;
}

/** A bucket that nobody reaches without TLS or from the public, and that goes with what it holds. */
export function privateBucket(
  host: BucketHost,
  resource: string,
  purpose: string,
  writers: Writer[],
  parent: pulumi.Resource,
): Bucket {
  // Bucket names are shared by all accounts of the world.
  const suffix = host.digest(`bucket ${purpose}`);
  const name = suffix.apply((own) => `${limited(`${host.prefix}-${purpose}`, LONGEST.bucket - 13)}-${own}`);
  const options = host.options(parent);
  const bucket = new Bucket(resource, { bucket: name, forceDestroy: true, tags: host.tags(name) }, options);
  const closed = new BucketPublicAccessBlock(
    `${resource}-closed`,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    options,
  );
  const everything = [bucket.arn, pulumi.interpolate`${bucket.arn}/*`];
  const policy = pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Action: "s3:*",
        Principal: "*",
        Resource: everything,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      ...writers.map(({ service, keys }) => ({
        Effect: "Allow",
        Action: "s3:PutObject",
        Principal: { Service: service },
        Resource: pulumi.interpolate`${bucket.arn}/${keys}`,
      })),
    ],
  });
  new BucketPolicy(
    `${resource}-policy`,
    { bucket: bucket.bucket, policy },
    { ...options, dependsOn: [closed] },
  );
  return bucket;
}
