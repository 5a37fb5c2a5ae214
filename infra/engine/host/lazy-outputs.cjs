// @ts-nocheck: it stands in for a function of Pulumi's SDK that has no types
/**
 * Outputs of resources, made when they are asked for. The SDK makes one for each property that a resource may have, of some
 * twenty promises each: most of the time and memory that a program of many resources takes, and few are ever looked at.
 */

/** Make what nobody has asked for yet; undefined when nothing waits any more. */
let unmade = new Set();

/** The SDK's `transferProperties`, one property at a time. */
function onDemand(transferProperties) {
  return (resource, label, props) => {
    if (!unmade) return transferProperties(resource, label, props);
    const resolvers = {};
    for (const [key, value] of Object.entries(props)) {
      if (key === "id" || key === "urn" || Object.hasOwn(resource, key)) {
        Object.assign(resolvers, transferProperties(resource, label, { [key]: value }));
      } else {
        resolvers[key] = defer(
          resource,
          key,
          () => transferProperties(resource, label, { [key]: value })[key],
        );
      }
    }
    return resolvers;
  };
}

/** Returns what takes the property's value, before or after it is asked for. */
function defer(resource, key, transfer) {
  let resolve;
  let settled;
  const make = () => {
    unmade?.delete(make);
    delete resource[key];
    resolve = transfer();
    if (settled) resolve(...settled);
    return resource[key];
  };
  unmade.add(make);
  const set = (value) => {
    unmade?.delete(make);
    Object.defineProperty(resource, key, { value, writable: true, enumerable: true, configurable: true });
  };
  Object.defineProperty(resource, key, { get: make, set, enumerable: true, configurable: true });
  return (...args) => {
    if (resolve) resolve(...args);
    else settled ??= args;
  };
}

/** For code that looks at what a property is instead of asking for it. */
function makeAll() {
  const waiting = unmade ?? [];
  unmade = undefined;
  for (const make of waiting) make();
}

module.exports = { onDemand, makeAll };
