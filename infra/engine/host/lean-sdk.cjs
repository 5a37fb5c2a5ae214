// @ts-nocheck: it stands in for functions of Pulumi's SDK that have no types
/**
 * What the SDK does for each promise, output and resource, without what this engine has no use for. It is most of the time
 * and memory that a program of many resources takes.
 */
const path = require("node:path");
const { onDemand } = require("./lazy-outputs.cjs");

/** By the end of a module's name: what it has to have, and its change. */
const CHANGES = {
  debuggable: { has: "debuggablePromise", change: withoutNotes },
  log: { has: "debug", change: withoutDebugMessages },
  resource: { has: "Resource", change: withShortStacks },
  rpc: { has: "transferProperties", change: withOutputsOnDemand },
  v8Hooks: { has: "getSessionAsync", change: withScriptsFromBefore },
};

const changed = new WeakSet();

/**
 * @param {string} request what a module of the SDK asked for
 * @param {object} loaded what it gets, not yet whole where modules need each other
 * @param {(request: string) => any} load loads a module that the same one could ask for
 */
function lean(request, loaded, load) {
  const { has, change } = CHANGES[path.posix.basename(request)] ?? {};
  if (!change || !loaded[has] || changed.has(loaded)) return;
  changed.add(loaded);
  change(loaded, () => load(request.replace(/[^/]+$/, "state")));
}

/**
 * The SDK wraps every promise in two more, with an error, a text and a number on it, and shows those only when it is asked
 * for leaks. What never settles is counted and told as ever.
 */
function withoutNotes(debuggable, loadState) {
  const { debuggablePromise, debugPromiseLeaks } = debuggable;
  if (debugPromiseLeaks) return;
  let getStore;
  debuggable.debuggablePromise = (promise, about) => {
    if (getStore === undefined) {
      getStore = loadState().getStore;
      return debuggablePromise(promise, about); // which sees to what is told at the end
    }
    const { leakCandidates } = getStore();
    leakCandidates.add(promise);
    return promise.then(
      (value) => {
        leakCandidates.delete(promise);
        return value;
      },
      (error) => {
        leakCandidates.delete(promise);
        error.promise = promise;
        throw error;
      },
    );
  };
}

/** The SDK tells four debug messages of each resource, one after the other, each a call of the engine, which shows none. */
function withoutDebugMessages(log) {
  log.debug = () => Promise.resolve();
}

function withOutputsOnDemand(rpc) {
  rpc.transferProperties = onDemand(rpc.transferProperties);
}

/** Up to the one that made the resource: the SDK's own, and one for each class between. */
const FRAMES = 6;

/** The SDK maps all frames of each resource's stack to the sources, and sends them; the engine keeps where it was made. */
function withShortStacks({ Resource }) {
  Resource.callsites = function callsites() {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES;
    const [, ...frames] = new Error().stack.split("\n");
    Error.stackTraceLimit = stackTraceLimit;
    return frames.map((frame) => {
      const { file, line, column } = Resource.framePositionRegExp.exec(frame)?.groups ?? {};
      if (file === undefined || file.startsWith("node:")) return {};
      return { file, line: Number(line), column: Number(column) };
    });
  };
}

/** V8's debugger names the files of functions that become text. When it starts only then, it has to tell of all files again. */
function withScriptsFromBefore(v8Hooks) {
  const { getSessionAsync } = v8Hooks;
  let started;
  const start = async () => {
    const session = await getSessionAsync();
    const post = (method) => new Promise((resolve) => session.post(method, resolve));
    await post("Debugger.disable");
    await post("Debugger.enable");
    return session;
  };
  v8Hooks.getSessionAsync = () => {
    started ??= start();
    return started;
  };
}

module.exports = { lean };
