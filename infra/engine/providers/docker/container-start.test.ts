import assert from "node:assert/strict";
import { test } from "node:test";
import type { Properties } from "../../provider";
import type { LiveContainer } from "./container-outputs";
import { stateProblem } from "./container-start";

const live = (state: object, restarts = 0) =>
  ({ State: { Running: true, ExitCode: 0, ...state }, RestartCount: restarts }) as LiveContainer;
const wait = { wait: true, mustRun: true };
const healthy = { Health: { Status: "healthy" } };

const CASES: [string, LiveContainer, Properties, string | undefined][] = [
  ["running", live({}), { mustRun: true }, undefined],
  ["starting", live({ Health: { Status: "starting" } }), wait, undefined],
  ["unhealthy may still come up", live({ Health: { Status: "unhealthy" } }), wait, undefined],
  ["exited while awaited", live({ Running: false, ExitCode: 4 }), wait, "it exited with code 4"],
  ["exited well while awaited", live({ Running: false }), wait, "it exited with code 0"],
  [
    "killed for its memory",
    { ...live({ Running: false, ExitCode: 137, OOMKilled: true }), HostConfig: { Memory: 8 * 1024 * 1024 } },
    wait,
    "it exited with code 137, out of memory (its limit is 8 MiB)",
  ],
  [
    "killed, the daemon does not know why",
    live({ Running: false, ExitCode: 137 }),
    wait,
    "it exited with code 137, killed: most often that means out of memory",
  ],
  [
    "exited though it must run",
    live({ Running: false, ExitCode: 1 }),
    { mustRun: true },
    "it exited with code 1",
  ],
  ["exited well, not awaited", live({ Running: false }), { mustRun: true }, undefined],
  ["may exit", live({ Running: false, ExitCode: 1 }), { mustRun: false }, undefined],
  ["between two restarts", live({ Running: false, Restarting: true, ExitCode: 1 }, 2), wait, undefined],
  [
    "restarts in a loop",
    live({ ...healthy, Restarting: true, ExitCode: 9 }, 3),
    wait,
    "it ends again and again: 3 restarts, the last exit code is 9",
  ],
  ["restarts in a loop, and was just started", live({}, 4), wait, "it ends again and again: 4 restarts"],
  [
    "nothing to wait for",
    live({}),
    wait,
    "wait is true, but there is no health check to wait for: give healthcheck, or leave wait out",
  ],
];

for (const [what, state, inputs, problem] of CASES) {
  test(what, () => assert.equal(stateProblem(state, inputs), problem));
}
