import { defineCommand, exitCodes } from "../command";
import { plural } from "../display/format";

export const clean = defineCommand({
  summary: "remove the images that were built in place of third-party ones",
  arguments: [],
  options: {},
  async run({ terminal, setup }) {
    const removed = await setup.cleanStandIns();
    for (const image of removed) {
      terminal.line(`  - ${image}`);
    }
    terminal.line(`Removed ${plural(removed.length, "stand-in image")}`);
    return exitCodes.done;
  },
});
