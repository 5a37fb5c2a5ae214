/** AWS ECS, as the command line sees it. */
import { z } from "zod";
import type { ecsSettings } from "../../ecs-settings";
import { locatePlugin } from "../../engine/providers/plugin/locate";
import type { Context } from "../context";
import { plural } from "../display/format";
import { checkDocker } from "../doctor/docker";
import { type Finding, problem } from "../doctor/finding";
import { pulumiIsOnPath } from "../engines/search-path";
import { UserError } from "../errors";
import type { Target } from "../targets/target";

// Required when a stack is on ECS: the schema knows the whole description's, which takes its time, and so do AWS's clients.
const schema = (): typeof import("../../ecs-settings") => require("../../ecs-settings");
const stackOnEcs = (): typeof import("./stack-on-ecs") => require("./stack-on-ecs");
const engine = (): typeof import("../../engine/run") => require("../../engine/run");

export const ecsTarget: Target = {
  name: "AWS ECS",
  get unreachable() {
    return stackOnEcs().UNREACHABLE;
  },

  async prepare({ setup }, { settings, registryKind }) {
    check(settings);
    // Images are built by the local daemon, and pushed from there.
    await setup.ensureDocker();
    await setup.ensureImages(registryKind);
  },

  async checkBeforeUp() {},

  async diagnose(context, { settings }) {
    // Images are built by the local daemon, and pushed from there.
    const findings = [...(await checkDocker(context)), checkPlugin(context)];
    try {
      const { region } = check(settings);
      const clusters = await stackOnEcs().countClusters(region);
      return [
        ...findings,
        { level: "fine", told: `AWS answers in ${region}, with ${plural(clusters, "ECS cluster")}` },
      ];
    } catch (error) {
      const fix = "Mend flotilla:settings.region, or AWS's credentials (aws sts get-caller-identity).";
      return [...findings, problem(error, fix)];
    }
  },

  warnings: () => [],

  async open(_context, { label, settings }) {
    return stackOnEcs().openStack(check(settings).region, label);
  },
};

/** The embedded engine has no provider of its own for AWS. */
function checkPlugin({ directory, machine: { environment, platform } }: Context): Finding {
  if (pulumiIsOnPath(environment, platform)) {
    return { level: "fine", told: "Pulumi's CLI makes what is at AWS, by its aws plugin" };
  }
  const wanted = { package: "aws", version: undefined, directory };
  const isThere = "aws" in engine().DEFAULT_PROVIDERS || locatePlugin(wanted) !== undefined;
  return isThere
    ? { level: "fine", told: "The embedded engine makes what is at AWS, by Pulumi's aws plugin" }
    : {
        level: "problem",
        told: "Without Pulumi's aws plugin nothing can be made at AWS",
        fix: "Install Pulumi's CLI, which fetches it, or put pulumi-resource-aws on the PATH.",
      };
}

function check(settings: Record<string, unknown>): z.infer<typeof ecsSettings> {
  const parsed = schema().ecsSettings.safeParse(settings);
  if (!parsed.success) {
    throw new UserError(`flotilla:settings is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}
