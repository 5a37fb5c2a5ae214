/**
 * Functions of the program that it wants called before and after a step of a resource.
 */
import type { ResourceRecord } from "../state/records";
import type { DeploymentContext } from "./context";

export type HookKind =
  | "BeforeCreate"
  | "AfterCreate"
  | "BeforeUpdate"
  | "AfterUpdate"
  | "BeforeDelete"
  | "AfterDelete";

export const HOOK_KINDS: readonly HookKind[] = [
  "BeforeCreate",
  "AfterCreate",
  "BeforeUpdate",
  "AfterUpdate",
  "BeforeDelete",
  "AfterDelete",
];

export interface Hook {
  inPreview: boolean;
  ignoreErrors: boolean;
  /** Calls the program; answers what went wrong, or "". */
  call(kind: HookKind, resource: ResourceRecord, old: ResourceRecord | undefined): Promise<string>;
}

export class Hooks {
  private readonly hooks = new Map<string, Hook>();

  /** @param mute whether none is called, as nothing is really done. */
  constructor(
    private readonly context: Pick<DeploymentContext, "preview" | "reporter">,
    private readonly mute: boolean,
  ) {}

  register(name: string, hook: Hook): void {
    this.hooks.set(name, hook);
  }

  async run(kind: HookKind, resource: ResourceRecord, old?: ResourceRecord): Promise<void> {
    for (const name of (!this.mute && resource.resourceHooks?.[kind]) || []) {
      const hook = this.hooks.get(name);
      if (!hook) {
        throw new Error(
          `Its ${kind} hook "${name}" lives in the program, which did not register it in this run. Run up with a program that does.`,
        );
      }
      if (this.context.preview && !hook.inPreview) continue;
      const problem = await hook.call(kind, resource, old);
      if (!problem) continue;
      if (!hook.ignoreErrors) throw new Error(`Its ${kind} hook "${name}" failed: ${problem}`);
      this.context.reporter.diagnostic(
        "warning",
        `The ${kind} hook "${name}" failed: ${problem}`,
        resource.urn,
      );
    }
  }
}
