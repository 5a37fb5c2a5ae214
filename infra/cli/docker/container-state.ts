import type Docker from "dockerode";
import { AGENT_FOLDER } from "../../../components/fields";

type Inspected = Docker.ContainerInspectInfo;

/** Sidecars that are healthy only when the main container has answered its own probe. */
const vouching = new Set(["agent-register", "agent-gate"]);

/**
 * How a container is, in a word, e.g. `healthy`.
 *
 * Docker looks at a new container once in a whole interval: until it has seen it healthy, its agent knows better.
 */
export function stateOf(container: Inspected, all: Inspected[]): string {
  const { Config, State } = container;
  const state = describeState(State);
  if (state !== "starting" || Config.Labels["flotilla.container"] !== "main" || !isAskedByAgent(Config)) {
    return state;
  }
  const vouched = all.some(
    (other) =>
      vouching.has(other.Config.Labels["flotilla.container"] ?? "") &&
      replicaOf(other) === replicaOf(container) &&
      describeState(other.State) === "healthy",
  );
  return vouched ? "healthy" : state;
}

/** A command of the user's own is run by Docker alone. */
function isAskedByAgent({ Healthcheck }: Inspected["Config"]): boolean {
  return Healthcheck?.Test?.[1] === `${AGENT_FOLDER}/agent`;
}

function replicaOf({ Config }: Inspected): string {
  return `${Config.Labels["flotilla.workload"]}/${Config.Labels["flotilla.replica"]}`;
}

function describeState({ Status, ExitCode, Health }: Inspected["State"]): string {
  if (Status === "running" && Health !== undefined && Health.Status !== "none") {
    return Health.Status;
  }
  return Status === "exited" ? `exited (${ExitCode})` : Status;
}
