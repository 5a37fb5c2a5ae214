/** The table of all types that the tests' account knows. */
import type { AwsType } from "../aws-type";
import { access } from "./access";
import { ec2 } from "./ec2";
import { ecs } from "./ecs";
import { functions } from "./functions";
import { scaling } from "./scaling";
import { storage } from "./storage";
import { traffic } from "./traffic";

export const awsTypes: Record<string, AwsType> = {
  ...ec2,
  ...ecs,
  ...access,
  ...storage,
  ...traffic,
  ...scaling,
  ...functions,
};

/** How each service changes tags, where a type does not say otherwise. */
export const retagging: Record<string, AwsType["retag"]> = {
  ec2: ["CreateTags", { Resources: ["{id}"], Tags: "{value}" }],
  ecs: ["TagResource", { resourceArn: "{outputs.arn}", tags: "{value}" }],
  ecr: ["TagResource", { resourceArn: "{outputs.arn}", tags: "{value}" }],
  logs: ["TagResource", { resourceArn: "{outputs.arn}", tags: "{value}" }],
  servicediscovery: ["TagResource", { ResourceARN: "{outputs.arn}", Tags: "{value}" }],
  secretsmanager: ["TagResource", { SecretId: "{id}", Tags: "{value}" }],
  efs: ["TagResource", { ResourceId: "{id}", Tags: "{value}" }],
  cloudwatch: ["TagResource", { ResourceARN: "{outputs.arn}", Tags: "{value}" }],
};
