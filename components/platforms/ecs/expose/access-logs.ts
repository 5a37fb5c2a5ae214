import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import type { input } from "@pulumi/aws/types";
import * as pulumi from "@pulumi/pulumi";
import { privateBucket } from "../file-bucket";
import type { EcsHost } from "../host";

const KEPT_DAYS = 90;

/** A bucket of its own for a load balancer's log of requests. */
export function accessLogs(
  host: EcsHost,
  name: string,
  parent: pulumi.Resource,
): input.lb.LoadBalancerAccessLogs {
  const writer = {
    service: "logdelivery.elasticloadbalancing.amazonaws.com",
    keys: pulumi.interpolate`${name}/AWSLogs/${host.accountId}/*`,
  };
  // Load balancers write to no bucket with a key of the user's own.
  const bucket = privateBucket(
    { ...host, kmsKeyArn: undefined },
    `${name}-access-logs`,
    `${name}-logs`,
    [writer],
    parent,
  );
  new BucketLifecycleConfiguration(
    `${name}-access-logs-expiry`,
    {
      bucket: bucket.bucket,
      rules: [{ id: "expire", status: "Enabled", filter: { prefix: "" }, expiration: { days: KEPT_DAYS } }],
    },
    host.options(parent),
  );
  return { enabled: true, bucket: bucket.bucket, prefix: name };
}
