/** Runs a program against mocks and records every resource that it registers. */
import * as pulumi from "@pulumi/pulumi";

export interface Recorded {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** Collects what is registered from the moment it is made; one per test file, as mocks are global. */
export class Recorder {
  readonly resources: Recorded[] = [];

  constructor(project = "flotilla", stack = "test") {
    void pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          this.resources.push({ type, name, inputs });
          return { id: `${name}-id`, state: { ...inputs, ...this.computed(type, name) } };
        },
        call: () => ({}),
      },
      project,
      stack,
      false,
    );
  }

  /** All registered resources of a type, e.g. `docker:index/container:Container`, by name. */
  byName(type: string): Map<string, Record<string, unknown>> {
    return new Map(
      this.resources.filter((resource) => resource.type === type).map(({ name, inputs }) => [name, inputs]),
    );
  }

  /** What the real providers would compute and the components read. */
  private computed(type: string, name: string): Record<string, unknown> {
    const values: Record<string, Record<string, unknown>> = {
      "random:index/randomPassword:RandomPassword": { result: `secret-of-${name}` },
      "docker:index/container:Container": { exitCode: 0, containerLogs: "" },
    };
    return values[type] ?? {};
  }
}

/** Resolves once everything registered so far, and what follows from it, is done. */
export async function settled(): Promise<void> {
  await pulumi.runtime.disconnect();
}

/** The value of an Output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
