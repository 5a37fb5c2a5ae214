/** Inputs as the server would write them, so that two ways to say the same are no difference. */
import type { Properties } from "../../provider";
import { isObject, type Value } from "../../wire/values";
import { isPartlyUnknown, toKubernetes } from "./objects";

/** The server's own, never an input. */
const READ_ONLY = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** The object to apply: in Kubernetes' names, without what only the server may say. */
export function normalize(inputs: Properties): Properties {
  const { __inputs, __initialApiVersion, __fieldManager, status: _, ...rest } = withoutNulls(inputs);
  const object = toKubernetes(rest);
  if (isObject(object.metadata)) {
    object.metadata = Object.fromEntries(
      Object.entries(object.metadata).filter(([key]) => !READ_ONLY.includes(key)),
    );
  }
  return object.kind === "Secret" && object.apiVersion === "v1" ? normalizeSecret(object) : object;
}

/** The server keeps `stringData` as `data`, and an apply of `stringData` could never take a key away again. */
function normalizeSecret(secret: Properties): Properties {
  const { stringData, ...rest } = secret;
  if (!isObject(stringData) || isPartlyUnknown(stringData) || isPartlyUnknown(secret.data)) return secret;
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(String(text)).toString("base64"),
  ]);
  return { ...rest, data: { ...secret.data, ...Object.fromEntries(encoded) } };
}

function withoutNulls(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  return Object.fromEntries(kept.map(([key, part]) => [key, withoutNulls(part)]));
}
