/** AWS ECS, as the command line sees it. */
import { z } from "zod";
import type { ecsSettings } from "../../ecs-settings";
import { plural } from "../display/format";
import { checkDocker } from "../doctor/docker";
import { problem } from "../doctor/finding";
import { UserError } from "../errors";
import type { Target } from "../targets/target";

// Required when a stack is on ECS: the schema knows the whole description's, which takes its time, and so do AWS's clients.
const schema = (): typeof import("../../ecs-settings") => require("../../ecs-settings");
const stackOnEcs = (): typeof import("./stack-on-ecs") => require("./stack-on-ecs");

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
    const findings = await checkDocker(context);
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

function check(settings: Record<string, unknown>): z.infer<typeof ecsSettings> {
  const parsed = schema().ecsSettings.safeParse(settings);
  if (!parsed.success) {
    throw new UserError(`flotilla:settings is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}
