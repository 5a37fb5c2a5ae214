/**
 * What every npm script starts: makes Node and the packages ready, then runs a command under that Node.
 *
 *     node bin/flotilla.js up --stack dev             a command of the command line (infra/cli)
 *     node infra/setup/run.js exec -- biome check     any other command line
 *
 * Plain JavaScript on Node's own modules, since it runs before `node_modules` and on older versions of Node.
 */
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { cacheFolder } = require("./cache.js");
const { ensureModules } = require("./modules.js");
const { ensureNode } = require("./node.js");

const root = path.resolve(__dirname, "../..");
/** Of the installed package, what this file is compiled beside is complete. */
const isCheckout = fs.existsSync(path.join(root, "package.json"));
const passedOn = /** @type {NodeJS.Signals[]} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** @param {(node: string) => [string, ...string[]]} commandLine */
async function prepareAndRun(commandLine) {
  const node = await ensureNode();
  const environment = withPath(
    // Every process below keeps what it compiles, so that the next one need not compile the same packages again.
    { NODE_COMPILE_CACHE: path.join(cacheFolder(), "compiled"), ...process.env },
    [path.dirname(node), path.join(root, "node_modules", ".bin")],
  );
  if (isCheckout) {
    await ensureModules(root, environment);
  }
  const [program, ...args] = commandLine(node);
  return run(program, args, environment);
}

/**
 * Runs the command line of Flotilla; descriptions may be TypeScript where it is not itself.
 *
 * @param {string[]} args
 */
function runFlotilla(args) {
  const transpile = path.join(root, "infra/engine/host/transpile.cjs");
  const main = path.join(root, "infra/cli", isCheckout ? "main.ts" : "main.js");
  finish(prepareAndRun((node) => [node, "--require", transpile, main, ...args]));
}

/**
 * @param {string} node
 * @param {string[]} args
 * @returns {[string, ...string[]]}
 */
function programLine(node, args) {
  const [program, ...rest] = args.slice(args[1] === "--" ? 2 : 1);
  if (program === undefined) {
    throw new Error(
      '"exec" needs a command line. Write "node infra/setup/run.js exec -- PROGRAM ARGUMENTS".',
    );
  }
  return [program === "node" ? node : program, ...rest];
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {string[]} folders
 */
function withPath(environment, folders) {
  // Windows spells it "Path".
  const name = Object.keys(environment).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...environment, [name]: [...folders, environment[name]].join(path.delimiter) };
}

/**
 * Runs a program in our place: same terminal, same signals, same exit code.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<number>}
 */
function run(program, args, environment) {
  // Windows finds the scripts of packages only by its shell.
  const shell = process.platform === "win32" && !path.isAbsolute(program);
  const child = spawn(program, args, { stdio: "inherit", env: environment, shell });
  for (const signal of passedOn) {
    process.on(signal, () => {
      // A terminal sends its interrupt to the child as well.
      if (signal !== "SIGINT" || !process.stdin.isTTY) {
        child.kill(signal);
      }
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`"${program}" cannot be run: ${error.message}`)));
    child.once("close", (code, signal) => resolve(code ?? 128 + os.constants.signals[signal ?? "SIGTERM"]));
  });
}

/** @param {Promise<number>} exitCode */
function finish(exitCode) {
  exitCode.then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}

module.exports = { runFlotilla };

if (require.main === module) {
  const args = process.argv.slice(2);
  if (args[0] === "exec") {
    finish(prepareAndRun((node) => programLine(node, args)));
  } else {
    runFlotilla(args);
  }
}
