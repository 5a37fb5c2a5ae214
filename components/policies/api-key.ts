import type * as pulumi from "@pulumi/pulumi";
import type { ApiKeySpec } from "../policy-specs";
import type { Problems } from "../problems";
import { checkCallers, checkTrustedHeader } from "./callers";

/** A program that may come in by a key of its own. */
export interface ClientArgs {
  /** Key; `{{name}}` stands for the secret of that name. */
  key: pulumi.Input<string>;
  /** Roles, for `authorization`. @default [] */
  roles?: string[];
}

/** Callers send a key in a header; it goes no further than the gateway. */
export interface ApiKeyArgs {
  /** Who may come in, by name. */
  clients: Record<string, ClientArgs>;
  /** Header that has the key. @default "x-api-key" */
  header?: string;
  /** Header in which services get the client's name; clients cannot send it. @default - none */
  callerHeader?: string;
}

export function checkApiKey(problems: Problems, at: string, args: ApiKeyArgs): void {
  const { clients, header, callerHeader } = args;
  checkCallers(problems, `${at}.clients`, clients, "key");
  if (header !== undefined && !/^[a-z0-9-]+$/.test(header)) {
    const fix = `Write "${header.toLowerCase().replace(/[^a-z0-9-]+/g, "-")}".`;
    problems.add(`${at}.header`, "must be a header in lower case", header, fix);
  }
  if (callerHeader !== undefined) {
    checkTrustedHeader(problems, `${at}.callerHeader`, callerHeader);
    if (callerHeader === (header ?? "x-api-key")) {
      const rule = "must not be the header that has the key";
      problems.add(`${at}.callerHeader`, rule, callerHeader, 'Write "x-client".');
    }
  }
}

export function apiKeySpec({ clients, header = "x-api-key", callerHeader }: ApiKeyArgs): ApiKeySpec {
  const filled = Object.entries(clients).map(([name, { key, roles = [] }]) => [name, { key, roles }]);
  return { clients: Object.fromEntries(filled), header, callerHeader };
}
