/** The life of a small stack on a real daemon, whose names begin as its folder is called. */
import * as path from "node:path";
import { lifecycleOnServer } from "../../../testing/lifecycle";
import { type TestStack, takes } from "../../../testing/test-stack";
import { createDockerProvider } from "..";
import { TYPES } from ".";

const up = (stack: TestStack, version: number) =>
  stack.up(
    async ({ resource }) => {
      const name = path.basename(stack.directory);
      const context = path.join(stack.directory, "context");
      const volume = await resource(TYPES.volume, "volume", { name: `${name}-volume` });
      const auto = await resource(TYPES.network, `${name}-auto`, { internal: version === 1 });
      const network = await resource(TYPES.network, "network", {
        name: `${name}-network`,
        internal: version === 1,
      });
      const image = await resource(TYPES.image, "image", { name: `${name}:${version}`, build: { context } });
      const inputs = {
        name: `${name}-app`,
        image: `${name}:${version}`,
        command: ["sleep", "1000"],
        networksAdvanced: [{ name: `${name}-network` }, { name: auto.outputs.name }],
        volumes: [{ volumeName: `${name}-volume`, containerPath: "/data" }],
      };
      const urns = [volume, image].map(({ urn }) => urn);
      const options = takes("networksAdvanced", network, auto);
      await resource(TYPES.container, "app", inputs, {
        ...options,
        dependencies: [...(options.dependencies ?? []), ...urns],
      });
    },
    { parallel: 1 },
  );

export const lifecycle = lifecycleOnServer(up, (stack) => {
  stack.factories.docker = createDockerProvider;
});
