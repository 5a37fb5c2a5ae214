/** AWS ECS, as the command line sees it. */
import { z } from "zod";
import type { ecsSettings } from "../../ecs-settings";
import { UserError } from "../errors";
import type { Target } from "../targets/target";

// Required when a stack is on ECS: the schema knows the whole description's, which takes its time, and so do AWS's clients.
const schema = (): typeof import("../../ecs-settings") => require("../../ecs-settings");
const stackOnEcs = (): typeof import("./stack-on-ecs") => require("./stack-on-ecs");

export const ecsTarget: Target = {
  name: "AWS ECS",

  async prepare({ setup }, { settings, registryKind }) {
    check(settings);
    // Images are built by the local daemon, and pushed from there.
    await setup.ensureDocker();
    await setup.ensureImages(registryKind);
  },

  async checkBeforeUp() {},

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
