/** Kubernetes objects as the provider handles them: plain JSON with an identity. */
import { type Properties, UNKNOWN } from "../../provider";
import { isObject, type Value } from "../../wire/values";

/** What makes an object that object. */
export interface Identity {
  apiVersion: string;
  kind: string;
  /** Undefined for an object of the whole cluster. */
  namespace?: string;
  name: string;
}

/** E.g. `Deployment shop/users`. */
export const describe = ({ kind, namespace, name }: Identity): string =>
  `${kind} ${namespace ? `${namespace}/` : ""}${name}`;

/** Pulumi's id of an object. */
export const idOf = (live: Properties): string =>
  live.metadata.namespace ? `${live.metadata.namespace}/${live.metadata.name}` : live.metadata.name;

export function parseId(id: string): { namespace?: string; name: string } {
  const slash = id.indexOf("/");
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** The value at a path such as `status.loadBalancer.ingress`. */
export function at(object: Value, path: string): Value {
  return path.split(".").reduce((value, key) => (isObject(value) ? value[key] : undefined), object);
}

/** The value of an annotation; undefined while it is not known. */
export function annotation(object: Properties, name: string): string | undefined {
  const value = isObject(object.metadata) ? object.metadata.annotations : undefined;
  return isObject(value) && typeof value[name] === "string" ? value[name] : undefined;
}

/** Whether part of it is not known yet. */
export function isPartlyUnknown(value: Value): boolean {
  if (value === UNKNOWN) return true;
  return value !== null && typeof value === "object" && Object.values(value).some(isPartlyUnknown);
}

function renameKeys(value: Value, rename: (key: string) => string): Value {
  if (Array.isArray(value)) return value.map((element) => renameKeys(element, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [rename(key), renameKeys(part, rename)]),
  );
}

/** Pulumi's property names as Kubernetes': schema extensions have underscores in the one, dashes in the other. */
export const toKubernetes = (properties: Properties): Properties =>
  renameKeys(properties, (key) => (key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key));

export const toPulumi = (object: Properties): Properties =>
  renameKeys(object, (key) => (key.startsWith("x-kubernetes-") ? key.replaceAll("-", "_") : key));
