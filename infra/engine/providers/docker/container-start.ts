/** Starting a container and waiting until it is what was asked for: running, healthy, or at its end. */
import type Docker from "dockerode";
import type { CallContext, Properties } from "../../provider";
import { allLogs } from "./container-logs";
import type { LiveContainer } from "./container-outputs";
import { failed } from "./errors";
import { explainPortConflict } from "./port-conflict";
import { pause } from "./waiting";

const POLL_MS = 150;
/** A container that was restarted so often does not come up by waiting longer. */
const RESTARTS_OF_A_LOOP = 3;

export async function startContainer(docker: Docker, container: Docker.Container): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    throw (await explainPortConflict(docker, error)) ?? failed("it could not be started", error);
  }
}

/** Returns when the started container is as asked; throws a sentence about "it" when it will not be. */
export async function awaitContainer(
  context: CallContext,
  container: Docker.Container,
  inputs: Properties,
): Promise<void> {
  const begin = Date.now();
  let said = "";
  for (;;) {
    const live = await container.inspect();
    const problem = stateProblem(live, inputs);
    if (problem) throw new Error(problem);
    const health = live.State.Health?.Status;
    if (!inputs.wait || health === "healthy") return;
    const seconds = Math.floor((Date.now() - begin) / 1000);
    if (Date.now() - begin > inputs.waitTimeout * 1000) {
      throw new Error(`it is not healthy after ${inputs.waitTimeout} s (its health check says "${health}")`);
    }
    const message = `waiting until healthy, ${seconds} s`;
    if (seconds > 0 && message !== said) context.progress(message);
    said = message;
    await pause(POLL_MS, context.signal);
  }
}

/** Why waiting longer would not help. */
export function stateProblem(live: LiveContainer, inputs: Properties): string | undefined {
  const { State: state, RestartCount: restarts } = live;
  const memory = memoryProblem(live);
  if (restarts >= RESTARTS_OF_A_LOOP) {
    // The daemon forgets it when it starts the container again.
    const isUp = state.Running && !state.Restarting;
    const code = isUp ? "" : `, the last exit code is ${state.ExitCode}${memory}`;
    return `it ends again and again: ${restarts} restarts${code}`;
  }
  if (!state.Running && !state.Restarting) {
    const expected = !inputs.wait && (inputs.mustRun === false || state.ExitCode === 0);
    return expected ? undefined : `it exited with code ${state.ExitCode}${memory}`;
  }
  if (inputs.wait && !state.Health && state.Running) {
    return "wait is true, but there is no health check to wait for: give healthcheck, or leave wait out";
  }
  return undefined;
}

const KILLED = 137;
const MIB = 1024 * 1024;

/** The daemon does not always learn of the kernel's reason for a kill. */
function memoryProblem({ State: state, HostConfig: host }: LiveContainer): string {
  const limit = host?.Memory ? ` (its limit is ${Math.floor(host.Memory / MIB)} MiB)` : "";
  if (state.OOMKilled) return `, out of memory${limit}`;
  return state.ExitCode === KILLED ? `, killed: most often that means out of memory${limit}` : "";
}

/** Waits for the end of an attached container and gives its log when that is asked for. */
export async function awaitEnd(
  context: CallContext,
  container: Docker.Container,
  inputs: Properties,
): Promise<string | undefined> {
  context.progress("waiting for its end");
  await container.wait({ abortSignal: context.signal });
  // The daemon has written the whole log before it says that a container has ended.
  return inputs.logs ? allLogs(container, inputs.tty) : undefined;
}
