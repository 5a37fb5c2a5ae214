/** Keeps compiled JavaScript, so that the next process need not compile the same packages again. */
const Module = require("node:module");
const path = require("node:path");
const { cacheFolder } = require("./cache.js");

Module.enableCompileCache?.(path.join(cacheFolder(), "compiled"));
