/** One set-up at a time: a lock between processes, held by a file with the holder's process id. */
const fs = require("node:fs");
const path = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");
const { step } = require("./steps.js");

const pollMilliseconds = 200;

/**
 * Does `work` while no other process holds the lock `file`; a lock whose holder has died is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withLock(file, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (!tryLock(file)) {
    await step(`Wait for the set-up that holds ${file}`, async () => {
      while (!tryLock(file)) {
        await pause(pollMilliseconds);
      }
    });
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** @param {string} file */
function tryLock(file) {
  removeIfAbandoned(file);
  try {
    fs.writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/**
 * Moves an abandoned lock away before deleting it, so that of two processes that find it only one does.
 *
 * @param {string} file
 */
function removeIfAbandoned(file) {
  try {
    const holder = Number(fs.readFileSync(file, "utf8"));
    if (holder > 0 && !isAlive(holder)) {
      const aside = `${file}.${process.pid}`;
      fs.renameSync(file, aside);
      fs.rmSync(aside, { force: true });
    }
  } catch (error) {
    if (errorCode(error) !== "ENOENT") {
      throw error;
    }
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** @param {unknown} error */
function errorCode(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}

module.exports = { withLock };
