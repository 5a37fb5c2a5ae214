/**
 * The program's end of the pipe to the engine. Calls of the SDK go through it as the arrays that its messages are anyway:
 * gRPC's client and server in JavaScript took a third of the time of a preview.
 */
const net = require("node:net");
const { send, receive } = require("./frames.cjs");

/** What the SDK is told as the address of the engine's services. */
const ENGINE_ADDRESS = "engine-pipe";
/** The file descriptor of the pipe in the program's process. */
const DESCRIPTOR = 3;
const UNAVAILABLE = 14;
/** The call that the engine answers without being asked: the program may begin. */
const BEGIN = 0;

/**
 * @typedef {{ path: string, responseType: new (array: unknown) => unknown }} Method
 * @typedef {(error: Error | null, answer?: any) => void} Callback
 */

class Pipe {
  constructor() {
    this.socket = new net.Socket({ fd: DESCRIPTOR, readable: true, writable: true });
    /** @type {Map<number, Callback>} */
    this.waiting = new Map();
    this.calls = BEGIN;
    receive(this.socket, ([call, failure, answer]) => {
      const callback = /** @type {Callback} */ (this.waiting.get(call));
      this.waiting.delete(call);
      if (this.waiting.size === 0) this.socket.unref();
      callback(failure && serviceError(failure.code, failure.details), answer);
    });
    this.socket.on("error", () => {}); // "close" follows
    this.socket.on("close", () => {
      for (const callback of this.waiting.values()) callback(gone());
      this.waiting.clear();
    });
    this.socket.unref(); // as an idle connection of gRPC, it keeps no program alive
  }

  /**
   * @param {string} path
   * @param {unknown[]} request
   * @param {Callback} callback
   */
  call(path, request, callback) {
    if (this.socket.destroyed) return void setImmediate(callback, gone());
    this.calls += 1;
    this.expect(this.calls, callback);
    send(this.socket, [this.calls, path, request]);
  }

  /**
   * @param {number} call
   * @param {Callback} callback
   */
  expect(call, callback) {
    this.waiting.set(call, callback);
    this.socket.ref();
  }
}

const gone = () => serviceError(UNAVAILABLE, "The engine has ended.");

/**
 * An error as gRPC's client has it.
 *
 * @param {number} code
 * @param {string} details
 */
function serviceError(code, details) {
  return Object.assign(new Error(`${code}: ${details}`), { code, details });
}

/** @type {Pipe | undefined} */
let opened;

function pipe() {
  opened ??= new Pipe();
  return opened;
}

/**
 * What the engine gives the program, once it has read the state.
 *
 * @returns {Promise<{ values: Record<string, string>, secretKeys: string[] }>}
 */
function begun() {
  return new Promise((resolve, reject) => {
    pipe().expect(BEGIN, (error, given) => (error ? reject(error) : resolve(given)));
  });
}

/**
 * A client of one service of the engine.
 *
 * @param {Record<string, Method>} methods
 */
function pipeClient(methods) {
  const entries = Object.entries(methods).map(([name, { path, responseType: Response }]) => [
    name,
    (/** @type {{ toArray(): unknown[] }} */ request, /** @type {Callback} */ callback) =>
      pipe().call(path, request.toArray(), (error, answer) =>
        callback(error, answer && new Response(answer)),
      ),
  ]);
  return Object.fromEntries(entries);
}

/** For a client of the engine, which needs no credentials, or of another service, which gets gRPC's own then. */
const INSECURE = {};

/**
 * Stands for gRPC's module, which takes a while to load: clients of the engine's own services use the pipe, and what else is
 * asked for is gRPC's.
 *
 * @param {() => any} loadGrpc
 */
function withPipe(loadGrpc) {
  /** @type {(methods: Record<string, Method>, ...rest: unknown[]) => any} */
  const makeClient = (methods, ...rest) => {
    const load = () => loadGrpc().makeGenericClientConstructor(methods, ...rest);
    return new Proxy(class {}, {
      construct(_target, [address, given, ...options]) {
        if (address === ENGINE_ADDRESS) return pipeClient(methods);
        const credentials = given === INSECURE ? loadGrpc().credentials.createInsecure() : given;
        return new (load())(address, credentials, ...options);
      },
      get: (_target, key) => load()[key],
    });
  };
  /** @type {Record<string | symbol, unknown>} */
  const own = {
    __esModule: true,
    makeGenericClientConstructor: makeClient,
    credentials: new Proxy(
      {},
      {
        get: (_target, key) => (key === "createInsecure" ? () => INSECURE : loadGrpc().credentials[key]),
      },
    ),
  };
  return new Proxy(own, { get: (_target, key) => (key in own ? own[key] : loadGrpc()[key]) });
}

module.exports = { ENGINE_ADDRESS, DESCRIPTOR, BEGIN, begun, withPipe };
