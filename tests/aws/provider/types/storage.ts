/** Images, objects, file systems and logs. */
import type { AwsType, Call, Query } from "../aws-type";

/** A part of a bucket's settings that the package has as a resource of its own. */
function ofBucket(put: Call, read: Query, remove: string, ignore: string[]): AwsType {
  return {
    service: "s3",
    create: put,
    ignore: ["bucket", ...ignore],
    id: "{inputs.bucket}",
    read,
    update: put,
    replace: ["bucket"],
    delete: [[remove, { Bucket: "{inputs.bucket}" }]],
    named: ["bucket"],
  };
}

const inBucket = { Bucket: "{inputs.bucket}" };

export const storage: Record<string, AwsType> = {
  "aws:ecr/repository:Repository": {
    service: "ecr",
    create: ["CreateRepository", {}],
    rename: { name: "repositoryName", encryptionConfigurations: "encryptionConfiguration" },
    ignore: ["forceDelete"],
    id: "{result.repository.repositoryName}",
    read: ["DescribeRepositories", { repositoryNames: ["{id}"] }, "repositories[0]"],
    also: [
      {
        inputs: ["imageTagMutability"],
        onlyUpdates: true,
        call: ["PutImageTagMutability", { repositoryName: "{id}", imageTagMutability: "{value}" }],
      },
      {
        inputs: ["imageScanningConfiguration"],
        onlyUpdates: true,
        call: [
          "PutImageScanningConfiguration",
          { repositoryName: "{id}", imageScanningConfiguration: "{value}" },
        ],
      },
    ],
    delete: [["DeleteRepository", { repositoryName: "{id}", force: "{inputs.forceDelete}" }]],
    named: ["name"],
    outputs: { arn: "repositoryArn", repositoryUrl: "repositoryUri", registryId: "registryId" },
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    service: "ecr",
    create: ["PutLifecyclePolicy", {}],
    rename: { repository: "repositoryName", policy: "lifecyclePolicyText" },
    id: "{inputs.repository}",
    read: ["GetLifecyclePolicy", { repositoryName: "{id}" }, "@"],
    update: ["PutLifecyclePolicy", {}],
    replace: ["repository"],
    delete: [["DeleteLifecyclePolicy", { repositoryName: "{id}" }]],
    named: ["repository"],
    outputs: { registryId: "registryId" },
  },
  "aws:s3/bucket:Bucket": {
    service: "s3",
    create: ["CreateBucket", { CreateBucketConfiguration: { LocationConstraint: "{location}" } }],
    ignore: ["forceDestroy", "tags"],
    id: "{inputs.bucket}",
    read: ["GetBucketLocation", { Bucket: "{id}" }, "@"],
    delete: [["DeleteBucket", { Bucket: "{id}" }]],
    named: ["bucket"],
    outputs: { arn: "arn:aws:s3:::{id}" },
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket(
    [
      "PutPublicAccessBlock",
      {
        ...inBucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: "{inputs.blockPublicAcls}",
          BlockPublicPolicy: "{inputs.blockPublicPolicy}",
          IgnorePublicAcls: "{inputs.ignorePublicAcls}",
          RestrictPublicBuckets: "{inputs.restrictPublicBuckets}",
        },
      },
    ],
    ["GetPublicAccessBlock", inBucket, "PublicAccessBlockConfiguration"],
    "DeletePublicAccessBlock",
    ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"],
  ),
  "aws:s3/bucketPolicy:BucketPolicy": ofBucket(
    ["PutBucketPolicy", { ...inBucket, Policy: "{inputs.policy}" }],
    ["GetBucketPolicy", inBucket, "@"],
    "DeleteBucketPolicy",
    ["policy"],
  ),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    ...ofBucket(
      ["PutBucketEncryption", inBucket],
      ["GetBucketEncryption", inBucket, "ServerSideEncryptionConfiguration"],
      "DeleteBucketEncryption",
      [],
    ),
    rename: {
      rules: "ServerSideEncryptionConfiguration.Rules",
      "rules.applyServerSideEncryptionByDefault.sseAlgorithm": "SSEAlgorithm",
      "rules.applyServerSideEncryptionByDefault.kmsMasterKeyId": "KMSMasterKeyID",
    },
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    ...ofBucket(
      ["PutBucketLifecycleConfiguration", inBucket],
      ["GetBucketLifecycleConfiguration", inBucket, "@"],
      "DeleteBucketLifecycle",
      [],
    ),
    rename: { rules: "LifecycleConfiguration.Rules" },
  },
  "aws:s3/bucketObjectv2:BucketObjectv2": {
    service: "s3",
    create: ["PutObject", {}],
    rename: { content: "Body", kmsKeyId: "SSEKMSKeyId" },
    ignore: ["tags"],
    id: "{inputs.bucket}/{inputs.key}",
    read: ["HeadObject", { Bucket: "{inputs.bucket}", Key: "{inputs.key}" }, "@"],
    update: ["PutObject", {}],
    replace: ["bucket", "key"],
    delete: [["DeleteObject", { Bucket: "{inputs.bucket}", Key: "{inputs.key}" }]],
    named: ["bucket", "key"],
    outputs: { etag: "ETag", arn: "arn:aws:s3:::{inputs.bucket}/{inputs.key}" },
  },
  "aws:efs/fileSystem:FileSystem": {
    service: "efs",
    create: ["CreateFileSystem", {}],
    ignore: ["lifecyclePolicies", "protection"],
    imported: { creationToken: "CreationToken", encrypted: "Encrypted" },
    id: "{result.FileSystemId}",
    read: ["DescribeFileSystems", { FileSystemId: "{id}" }, "FileSystems[0]"],
    update: ["UpdateFileSystem", { FileSystemId: "{id}" }],
    delete: [["DeleteFileSystem", { FileSystemId: "{id}" }]],
    named: ["creationToken"],
    outputs: { arn: "FileSystemArn", dnsName: "{id}.efs.{region}.amazonaws.com" },
  },
  "aws:efs/mountTarget:MountTarget": {
    service: "efs",
    create: ["CreateMountTarget", {}],
    id: "{result.MountTargetId}",
    read: ["DescribeMountTargets", { MountTargetId: "{id}" }, "MountTargets[0]"],
    also: [
      {
        inputs: ["securityGroups"],
        onlyUpdates: true,
        call: ["ModifyMountTargetSecurityGroups", { MountTargetId: "{id}", SecurityGroups: "{value}" }],
      },
    ],
    delete: [["DeleteMountTarget", { MountTargetId: "{id}" }]],
    named: ["fileSystemId", "subnetId"],
  },
  "aws:efs/accessPoint:AccessPoint": {
    service: "efs",
    create: ["CreateAccessPoint", {}],
    id: "{result.AccessPointId}",
    read: ["DescribeAccessPoints", { AccessPointId: "{id}" }, "AccessPoints[0]"],
    delete: [["DeleteAccessPoint", { AccessPointId: "{id}" }]],
    outputs: { arn: "AccessPointArn" },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    service: "logs",
    create: ["CreateLogGroup", {}],
    rename: { name: "logGroupName" },
    ignore: ["skipDestroy"],
    id: "{inputs.name}",
    read: ["DescribeLogGroups", { logGroupNamePrefix: "{id}" }, "logGroups[?logGroupName=='{id}'] | [0]"],
    also: [
      {
        inputs: ["retentionInDays"],
        call: ["PutRetentionPolicy", { logGroupName: "{id}", retentionInDays: "{value}" }],
      },
      {
        inputs: ["kmsKeyId"],
        onlyUpdates: true,
        call: ["AssociateKmsKey", { logGroupName: "{id}", kmsKeyId: "{value}" }],
      },
    ],
    delete: [["DeleteLogGroup", { logGroupName: "{id}" }]],
    named: ["name"],
    outputs: { arn: "arn:aws:logs:{region}:123456789012:log-group:{id}" },
  },
};
