/**
 * The state of a stack in the words of `RunResult`.
 */
import { STACK_TYPE, urnName } from "./deployment/urn";
import type { Outputs, ResourceSummary } from "./events";
import { isProviderType, type ResourceRecord } from "./state/records";
import { hasSecret, plain } from "./wire/values";

/** Outputs of the stack, secrets opened and named as such. */
export function summarizeOutputs(resources: readonly ResourceRecord[]): Outputs {
  const stack = resources.find(({ type }) => type === STACK_TYPE);
  return Object.fromEntries(
    Object.entries(stack?.outputs ?? {}).map(([key, value]) => [
      key,
      { value: plain(value), secret: hasSecret(value) },
    ]),
  );
}

/** Every resource that is there, those that wait for their deletion left out. */
export function summarizeResources(resources: readonly ResourceRecord[]): ResourceSummary[] {
  return resources
    .filter((resource) => !resource.delete && !resource.pendingReplacement && !isProviderType(resource.type))
    .map(({ urn, type, id, inputs, outputs }) => ({
      ...{ urn, type, name: urnName(urn), inputs: plain(inputs), outputs: plain(outputs) },
      secret: hasSecret(inputs),
      ...(id ? { id } : {}),
    }));
}
