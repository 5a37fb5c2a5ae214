// @ts-nocheck: it patches Node's own modules, which have no types for that
// Preloaded into the program's process, before Pulumi's SDK.
const Module = require("node:module");
const util = require("node:util");
const { makeAll } = require("./lazy-outputs.cjs");
const { lean } = require("./lean-sdk.cjs");
const { begun, withPipe } = require("./pipe-clients.cjs");

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
const LAZY = new Set(["@npmcli/arborist", "normalize-package-data", "./automation"]);
const TO_TEXT = "../../typescript-shim";
// For the same, the executor waits for V8's debugger before it begins: with it all code is slower, and none comes from the
// cache of compiled code. Here it waits for the engine.
const AT_ONCE = "../../runtime/closure/v8Hooks";
const CONFIGURATION = "../../runtime/config";
// Needed only where a run is traced; this file of the SDK takes functions and classes out of them at its start.
const TRACING = { parent: /[\\/]cmd[\\/]run[\\/]tracing\.js$/, request: /^@opentelemetry\/(?!api$)/ };
const load = Module._load;
Module._load = function (request, parent, isMain) {
  const loadReal = () => load.call(this, request, parent, isMain);
  if (!/@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? "")) return loadReal();
  if (request === "source-map-support/register") return {}; // tsx maps the stacks
  if (request === AT_ONCE)
    return { isInitializedAsync: () => begin(load.call(this, CONFIGURATION, parent, false)) };
  if (request === TO_TEXT) return lazily(() => makeAllBefore(loadReal));
  if (LAZY.has(request)) return lazily(loadReal);
  if (TRACING.parent.test(parent.filename) && TRACING.request.test(request)) return lazyParts(loadReal);
  if (request === "@grpc/grpc-js") return withPipe(loadReal);
  const loaded = loadReal();
  if (request.startsWith(".")) lean(request, loaded, (other) => load.call(this, other, parent, false));
  // The program comes next. Not earlier, since tsx takes its time for each file that is loaded after it.
  if (request === "./run") require("./transpile.cjs");
  return loaded;
};

async function begin({ configEnvKey, configSecretKeysEnvKey, setAllConfig }) {
  const { values, secretKeys } = await begun();
  // For this copy of the SDK, which has looked already, and for those that others load.
  setAllConfig(values, secretKeys);
  process.env[configEnvKey] = JSON.stringify(values);
  process.env[configSecretKeysEnvKey] = JSON.stringify(secretKeys);
}

/** Functions become text with what they look at: outputs, none of them waiting to be asked for. */
function makeAllBefore(loadReal) {
  makeAll();
  return loadReal();
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
