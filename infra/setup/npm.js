/** Installs locked packages with the npm that this machine has. */
const { spawn } = require("node:child_process");
const path = require("node:path");

const quotedLines = 15;

/**
 * Installs what the lock file in `folder` says, nothing else.
 *
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} environment
 * @param {string[]} options more options of `npm ci`
 * @returns {Promise<void>}
 */
async function installLocked(folder, environment, options = []) {
  const args = ["ci", "--no-audit", "--no-fund", "--prefix", folder, ...options];
  const { code, output } = await runNpm(args, folder, environment);
  if (code !== 0) {
    throw new Error(
      `${explain(output)} npm said:\n${output.trim().split("\n").slice(-quotedLines).join("\n")}`,
    );
  }
}

/**
 * @param {string[]} args
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runNpm(args, folder, environment) {
  const [program, ...first] = npmCommand(environment);
  const child = spawn(program, [...first, ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    shell: program.endsWith(".cmd"),
  });
  let output = "";
  const collect = (/** @type {string} */ text) => {
    output += text;
  };
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      const missing = /** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT";
      reject(
        missing ? new Error('There is no "npm" on the PATH. Install npm, which comes with Node.') : error,
      );
    });
    child.once("close", (code) => resolve({ code, output }));
  });
}

/**
 * The npm that started us, else the one on the PATH.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {[string, ...string[]]}
 */
function npmCommand(environment) {
  const started = environment.npm_execpath;
  if (started !== undefined && path.basename(started) === "npm-cli.js") {
    return [process.execPath, started];
  }
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

/**
 * One sentence on why an installation failed.
 *
 * @param {string} output what npm said
 */
function explain(output) {
  if (/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/.test(output)) {
    return "The npm registry cannot be reached: check the network, or npm's registry and proxy settings.";
  }
  if (/SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)/.test(output)) {
    return "The npm registry's certificate is not trusted: set NODE_EXTRA_CA_CERTS to your company's certificate file.";
  }
  if (/\bEUSAGE\b/.test(output)) {
    return 'package.json and package-lock.json disagree: run "npm install" and commit the lock file.';
  }
  return "The packages could not be installed.";
}

module.exports = { installLocked, explain };
