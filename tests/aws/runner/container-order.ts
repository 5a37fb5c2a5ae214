/** In which order the containers of a task start and stop, by what has become of each. */
import type { ContainerDefinition, Dependency } from "./task-definition";

/** What a container does, as Docker tells it; undefined: not created yet. */
export interface ContainerState {
  running: boolean;
  /** Undefined while it runs. */
  exitCode?: number;
  health: "healthy" | "unhealthy" | "starting" | "none";
}

export type States = Map<string, ContainerState>;

/** Containers that may start now. */
export function startable(definitions: ContainerDefinition[], states: States): ContainerDefinition[] {
  return definitions.filter(
    ({ name, dependsOn = [] }) => !states.has(name) && dependsOn.every((one) => holds(one, states)),
  );
}

/** Containers that may be asked to stop now: those that run and that no running one depends on. */
export function stoppable(definitions: ContainerDefinition[], states: States): ContainerDefinition[] {
  const running = definitions.filter(({ name }) => states.get(name)?.running);
  const isNeeded = (name: string) =>
    running.some(({ dependsOn = [] }) => dependsOn.some((one) => one.containerName === name));
  return running.filter(({ name }) => !isNeeded(name));
}

/** Why a task cannot go on, by the rules of ECS; undefined while it can. */
export function endOf(definitions: ContainerDefinition[], states: States): string | undefined {
  for (const { name, essential = true, dependsOn = [] } of definitions) {
    const state = states.get(name);
    if (essential && state?.exitCode !== undefined) {
      return `Essential container ${name} exited with ${state.exitCode}`;
    }
    if (essential && state?.health === "unhealthy") return `Container ${name} is unhealthy`;
    for (const { containerName, condition } of dependsOn) {
      const { exitCode, health } = states.get(containerName) ?? {};
      const isInVain =
        (condition === "SUCCESS" && exitCode !== undefined && exitCode !== 0) ||
        (condition === "HEALTHY" &&
          state === undefined &&
          (health === "unhealthy" || exitCode !== undefined));
      if (isInVain)
        return `${name} waits in vain for ${containerName}, which ended with ${exitCode ?? health}`;
    }
  }
  return undefined;
}

function holds({ containerName, condition }: Dependency, states: States): boolean {
  const state = states.get(containerName);
  switch (condition) {
    case "START":
      return state !== undefined;
    case "HEALTHY":
      return state?.health === "healthy";
    case "COMPLETE":
      return state?.exitCode !== undefined;
    case "SUCCESS":
      return state?.exitCode === 0;
  }
}
