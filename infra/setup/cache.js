/** Where this machine keeps what is expensive to make and belongs to no checkout. */
const os = require("node:os");
const path = require("node:path");

/** The user's cache folder of Flotilla: `$XDG_CACHE_HOME/flotilla`, else `~/.cache/flotilla`. */
function cacheFolder() {
  return path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "flotilla");
}

module.exports = { cacheFolder };
