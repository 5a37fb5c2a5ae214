// @ts-nocheck: it patches Node's own modules, which have no types for that
// Preloaded into the program's process, before Pulumi's SDK.
const Module = require("node:module");
const util = require("node:util");
const { withPipe } = require("./pipe-clients.cjs");

// Crash reports of Node shall not have what the environment has: the configuration with its secrets, and the passphrase.
process.report.excludeEnv = true;

// Node's coloured util.inspect of an error runs for half a minute, or until the heap is full, when a stack line ends
// in `node_modules/@scope/file:1:2)`. The SDK inspects each uncaught error like that.
const inspect = util.inspect;
util.inspect = Object.assign((value, options, ...rest) => {
  const uncoloured = value instanceof Error && options !== null && typeof options === "object";
  return inspect(value, uncoloured ? { ...options, colors: false } : options, ...rest);
}, inspect);

// What the SDK loads at its start and needs only to turn functions into text (dynamic providers, cloud functions), or to
// drive Pulumi's CLI: loaded at first use. Half of the start-up time of a program that does neither.
const LAZY = new Set(["@npmcli/arborist", "normalize-package-data", "../../typescript-shim", "./automation"]);
// Needed only where a run is traced; this file of the SDK takes functions and classes out of them at its start.
const TRACING = { parent: /[\\/]cmd[\\/]run[\\/]tracing\.js$/, request: /^@opentelemetry\/(?!api$)/ };
const load = Module._load;
Module._load = function (request, parent, isMain) {
  const loadReal = () => load.call(this, request, parent, isMain);
  if (!/@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? "")) return loadReal();
  if (request === "source-map-support/register") return {}; // tsx maps the stacks
  if (LAZY.has(request)) return lazily(loadReal);
  if (TRACING.parent.test(parent.filename) && TRACING.request.test(request)) return lazyParts(loadReal);
  const loaded = loadReal();
  if (request === "@grpc/grpc-js") return withPipe(loaded);
  if (request.endsWith("/debuggable")) withoutStacks(loaded);
  if (request.endsWith("/resource") && loaded.Resource) withShortStacks(loaded.Resource);
  // The program comes next. Not earlier, since tsx takes its time for each file that is loaded after it.
  if (request === "./run") require("./transpile.cjs");
  return loaded;
};

// The SDK notes a stack for every promise, mapped to the sources, and shows it only when it is asked for leaks.
// A stack for each promise is half of the time that a program takes.
function withoutStacks(debuggable) {
  const { debuggablePromise, debugPromiseLeaks } = debuggable;
  if (debugPromiseLeaks || debuggable.isWithoutStacks) return;
  debuggable.isWithoutStacks = true;
  debuggable.debuggablePromise = (...args) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(...args);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

// The SDK maps every frame of each resource's stack to the sources, and sends them all. The engine keeps one: where the
// program made the resource.
const FRAMES = 6;
function withShortStacks(Resource) {
  Resource.callsites = function callsites() {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES;
    const [, ...frames] = new Error().stack.split("\n");
    Error.stackTraceLimit = stackTraceLimit;
    return frames.map((frame) => {
      const { file, line, column } = Resource.framePositionRegExp.exec(frame)?.groups ?? {};
      return file === undefined || file.startsWith("node:")
        ? {}
        : { file, line: Number(line), column: Number(column) };
    });
  };
}

/** A module whose functions and classes load it when they are called. */
function lazyParts(loadReal) {
  return new Proxy({}, { get: (_target, key) => lazily(() => loadReal()[key]) });
}

function lazily(loadReal) {
  let loaded;
  const get = () => {
    loaded ??= loadReal();
    return loaded;
  };
  return new Proxy(() => undefined, {
    get: (_target, key) => {
      if (key === "__esModule") return true;
      return key === "default" ? (get().default ?? get()) : get()[key];
    },
    apply: (_target, self, args) => get().apply(self, args),
    construct: (_target, args) => new (get())(...args),
  });
}
