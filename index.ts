/** The Pulumi program: runs the stack that the configuration names. To add a target, add its line. */
import * as pulumi from "@pulumi/pulumi";
import { readConfiguration, type StackConfiguration } from "./infra/config";

type Outputs = Record<string, pulumi.Output<string>>;
type StackProgram = { deploy(configuration: StackConfiguration): Outputs | Promise<Outputs> };

// Required when asked for, so that one target never loads another's SDK.
const stacks: Record<string, () => StackProgram> = {
  docker: () => require("./stacks/docker"),
  kubernetes: () => require("./stacks/kubernetes"),
  ecs: () => require("./stacks/ecs"),
};

const configuration = readConfiguration();
const stack = stacks[configuration.target];
if (stack === undefined) {
  const known = Object.keys(stacks).join(", ");
  throw new pulumi.RunError(`flotilla:target is "${configuration.target}". Write one of ${known}.`);
}

export = stack().deploy(configuration);
