import type * as pulumi from "@pulumi/pulumi";
import type { BasicSpec } from "../policy-specs";
import type { Problems } from "../problems";
import { checkCallers, checkTrustedHeader } from "./callers";

/** One who may come in by name and password. */
export interface UserArgs {
  /** Password; `{{name}}` stands for the secret of that name. */
  password: pulumi.Input<string>;
  /** Roles, for `authorization`. @default [] */
  roles?: string[];
}

/**
 * Callers send name and password (HTTP Basic), which go no further than the gateway: use it over TLS. Envoy gets the passwords
 * as hashes, in a file.
 */
export interface BasicArgs {
  /** Who may come in, by name. */
  users: Record<string, UserArgs>;
  /** Header in which services get the caller's name; clients cannot send it. @default - none */
  callerHeader?: string;
}

export function checkBasic(problems: Problems, at: string, { users, callerHeader }: BasicArgs): void {
  checkCallers(problems, `${at}.users`, users, "password");
  if (callerHeader !== undefined) {
    checkTrustedHeader(problems, `${at}.callerHeader`, callerHeader);
  }
}

export function basicSpec({ users, callerHeader }: BasicArgs): BasicSpec {
  const filled = Object.entries(users).map(([name, { password, roles = [] }]) => [name, { password, roles }]);
  return { users: Object.fromEntries(filled), callerHeader };
}
