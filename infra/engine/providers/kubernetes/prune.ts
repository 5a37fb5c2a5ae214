/** What the server holds of what was asked for. */
import type { Properties } from "../../provider";
import { isObject, type Value } from "../../wire/values";

/**
 * The live object cut down to the shape of the inputs that made it: without defaults, status, and what others have
 * added to maps. Elements of lists belong together by their position.
 */
export function prune(live: Properties, inputs: Properties): Properties {
  return pruneMap(live, inputs);
}

function pruneMap(live: Properties, shape: Properties): Properties {
  const kept = Object.keys(live).filter((key) => key in shape);
  return Object.fromEntries(kept.map((key) => [key, pruneValue(live[key], shape[key])]));
}

function pruneValue(live: Value, shape: Value): Value {
  if (isObject(live) && isObject(shape)) return pruneMap(live, shape);
  if (!Array.isArray(live) || !Array.isArray(shape)) return live;
  if (live.length === 0 || shape.length === 0) return [];
  return shape.slice(0, live.length).map((element, index) => pruneValue(live[index], element));
}
