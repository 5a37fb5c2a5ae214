import { defineCommand, exitCodes } from "../command";
import { formatTable } from "../display/format";

export const imagesPin = defineCommand({
  summary: "write the digests of the third-party images, as their registries answer",
  arguments: [],
  options: {},
  async run({ terminal, setup }) {
    for (const line of formatTable(Object.entries(await setup.pinImages()))) {
      terminal.line(line);
    }
    return exitCodes.done;
  },
});
