import type { Hardening } from "./container-spec";
import { checkWhole } from "./fields";
import type { Problems } from "./problems";

/**
 * What a container may do on its host. Every default is the strict one; each field opts out of one protection.
 *
 * @example
 * const hardening: HardeningArgs = { runAsUser: 0, addCapabilities: ["CHOWN"] };
 */
export interface HardeningArgs {
  /** Numeric user and group of the process, 0 to 65535; 0 is root. @default 65532 */
  runAsUser?: number;
  /** Lets the process write anywhere in its root file system; `/tmp` is writable in any case. @default false */
  writableRootFilesystem?: boolean;
  /**
   * Capabilities given back after all were dropped, without `CAP_`. Another user than root has them only through a
   * program's file capabilities, which take `allowPrivilegeEscalation`. @default []
   */
  addCapabilities?: string[];
  /** Lets a setuid program gain privileges. @default false */
  allowPrivilegeEscalation?: boolean;
  /** JSON text of a seccomp profile, `"default"` or `"unconfined"`. @default "default" */
  seccompProfile?: string;
}

/** The user that containers run as: nobody's number in distroless images, and no user of the host. */
export const DEFAULT_USER = 65532;

export function checkHardening(problems: Problems, path: string, hardening: HardeningArgs): void {
  checkWhole(problems, `${path}.runAsUser`, hardening.runAsUser, { min: 0, max: 65535, unit: "" });
  hardening.addCapabilities?.forEach((capability, index) => {
    if (!/^[A-Z][A-Z_]+$/.test(capability) || capability.startsWith("CAP_")) {
      const fix = capability
        .toUpperCase()
        .replace(/^CAP_/, "")
        .replace(/[^A-Z]+/g, "_");
      problems.add(
        `${path}.addCapabilities[${index}]`,
        "must be a capability without CAP_",
        capability,
        `Write "${fix}".`,
      );
    }
  });
  const { runAsUser = DEFAULT_USER, addCapabilities = [], allowPrivilegeEscalation = false } = hardening;
  if (addCapabilities.length > 0 && runAsUser !== 0 && !allowPrivilegeEscalation) {
    // The kernel takes them from the process at the change of the user, as they are not ambient.
    const fix = "Write runAsUser: 0, or allowPrivilegeEscalation: true for a program with file capabilities.";
    problems.add(`${path}.addCapabilities`, `have no effect for user ${runAsUser}`, addCapabilities, fix);
  }
  const { seccompProfile: profile } = hardening;
  if (profile !== undefined && !["default", "unconfined"].includes(profile) && !isJsonObject(profile)) {
    const rule = 'must be "default", "unconfined" or the JSON text of a profile';
    problems.add(`${path}.seccompProfile`, rule, profile, "Pass the content of the file, not its name.");
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

/** The hardening with every default filled in. */
export function hardeningSpec(hardening: HardeningArgs = {}): Hardening {
  return {
    runAsUser: hardening.runAsUser ?? DEFAULT_USER,
    readOnlyRootFilesystem: !(hardening.writableRootFilesystem ?? false),
    addCapabilities: hardening.addCapabilities ?? [],
    allowPrivilegeEscalation: hardening.allowPrivilegeEscalation ?? false,
    seccompProfile: hardening.seccompProfile ?? "default",
  };
}
