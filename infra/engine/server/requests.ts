/**
 * The SDK's requests as goals.
 */

import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { SourcePosition } from "@pulumi/pulumi/proto/source_pb";
import { type AliasSpec, emptyGoal, type Goal } from "../deployment/goal";
import { type CustomTimeouts, isProviderType } from "../state/records";
import { fromStruct } from "../wire/struct";
import { flattenOutputs } from "../wire/values";

function alias(message: Alias): string | AliasSpec {
  if (message.hasUrn()) return message.getUrn();
  const spec = message.getSpec()!;
  return {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
}

const UNIT_SECONDS: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** Seconds of a duration such as `1h30m`. */
export function durationSeconds(text: string): number {
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|h|m|s)/g))
    seconds += Number(amount) * UNIT_SECONDS[unit];
  if (!/^([\d.]+(ms|h|m|s))+$/.test(text)) {
    throw new Error(`customTimeouts must be durations such as "5m" or "90s", got "${text}".`);
  }
  return seconds;
}

function timeouts(message: RegisterResourceRequest.CustomTimeouts | undefined): CustomTimeouts | undefined {
  if (!message) return undefined;
  const texts = { create: message.getCreate(), update: message.getUpdate(), delete: message.getDelete() };
  const given = Object.entries(texts).filter(([, text]) => text !== "");
  return given.length > 0
    ? Object.fromEntries(given.map(([key, text]) => [key, durationSeconds(text)]))
    : undefined;
}

function hooks(message: RegisterResourceRequest.ResourceHooksBinding | undefined): Record<string, string[]> {
  if (!message) return {};
  const names = {
    BeforeCreate: message.getBeforeCreateList(),
    AfterCreate: message.getAfterCreateList(),
    BeforeUpdate: message.getBeforeUpdateList(),
    AfterUpdate: message.getAfterUpdateList(),
    BeforeDelete: message.getBeforeDeleteList(),
    AfterDelete: message.getAfterDeleteList(),
  };
  return Object.fromEntries(Object.entries(names).filter(([, list]) => list.length > 0));
}

/** `project:///index.ts#12,3`, for positions inside of the project. */
function position(message: SourcePosition | undefined, directory: string): string | undefined {
  const file = message?.getUri().replace(/^file:\/\//, "");
  if (!message || !file?.startsWith(`${directory}/`)) return undefined;
  return `project://${file.slice(directory.length)}#${message.getLine()},${message.getColumn()}`;
}

export function registrationGoal(request: RegisterResourceRequest, directory: string): Goal {
  const propertyDependencies: Record<string, string[]> = {};
  for (const [key, list] of request.getPropertydependenciesMap().entries()) {
    propertyDependencies[key] = list.getUrnsList();
  }
  const inputs = flattenOutputs(fromStruct(request.getObject()));
  const version = request.getVersion();
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    // Pulumi keeps what it has to know about the plugin among a provider's inputs.
    inputs: isProviderType(request.getType())
      ? { ...(version ? { __internal: {}, version } : {}), ...inputs }
      : inputs,
    provider: request.getProvider(),
    version,
    dependencies: request.getDependenciesList(),
    propertyDependencies,
    protect: request.getProtect(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    retainOnDelete: request.getRetainondelete(),
    aliases: [...request.getAliasurnsList(), ...request.getAliasesList().map(alias)],
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    customTimeouts: timeouts(request.getCustomtimeouts()),
    importId: request.getImportid(),
    deletedWith: request.getDeletedwith(),
    replaceWith: request.getReplaceWithList(),
    replacementTrigger: flattenOutputs(request.getReplacementTrigger()?.toJavaScript()),
    hooks: hooks(request.getHooks()),
    sourcePosition: position(request.getSourceposition(), directory),
  };
}

export function readGoal(request: ReadResourceRequest, directory: string): Goal {
  return {
    ...emptyGoal(request.getType(), request.getName()),
    parent: request.getParent(),
    inputs: flattenOutputs(fromStruct(request.getProperties())),
    provider: request.getProvider(),
    version: request.getVersion(),
    dependencies: request.getDependenciesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    readId: request.getId(),
    sourcePosition: position(request.getSourceposition(), directory),
  };
}
