/** For tests: the life of a small stack on a real daemon, whose names begin as its folder is called. */
import * as path from "node:path";
import { KillPoints } from "../../testing/kill-points";
import type { Lifecycle } from "../../testing/lifecycle";
import { type TestStack, takes } from "../../testing/test-stack";
import { createDockerProvider } from ".";
import { TYPES } from "./testing";

/** Requests that change something, and the moments at which the state is replaced. */
const COUNTED = /^(answer to )?(POST|DELETE|PUT) |^rename .*\.json\.tmp/;

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

export const lifecycle: Lifecycle = {
  runs: {
    create: (stack) => up(stack, 1),
    change: (stack) => up(stack, 2),
    refresh: (stack) => stack.refresh({ parallel: 1 }),
    destroy: (stack) => stack.destroy({ parallel: 1 }),
  },
  prepare(stack) {
    stack.factories.docker = createDockerProvider;
  },
  points(killAt) {
    const points = new KillPoints(killAt, COUNTED);
    points.watchFiles();
    points.watchRequests();
    return points;
  },
};
