/**
 * Which outputs of a resource are secrets.
 */
import type { Properties, Provider } from "../provider";
import type { ResourceRecord } from "../state/records";
import { markSecrets } from "../wire/secrecy";
import { clean } from "../wire/values";

/** What a provider answered, with the secrets marked that come from the inputs, the program and the provider itself. */
export function withSecrets(
  outputs: Properties,
  {
    type,
    inputs,
    additionalSecretOutputs,
  }: Pick<ResourceRecord, "type" | "inputs" | "additionalSecretOutputs">,
  provider: Provider | undefined,
): Properties {
  const keys = [...(additionalSecretOutputs ?? []), ...(provider?.secretOutputs?.(type) ?? [])];
  return markSecrets(clean(outputs), inputs, keys);
}
