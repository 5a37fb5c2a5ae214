/**
 * Loads TypeScript by tsx, for our own files only: packages are JavaScript already, and looking through them takes as long
 * as loading them.
 */
const Module = require("node:module");
const path = require("node:path");

/** @type {Record<string, (module: NodeModule, file: string) => void>} */
const loaders = /** @type {any} */ (Module)._extensions;
const plain = loaders[".js"];
// @ts-expect-error: it has no types where `exports` is not looked at.
require("tsx/cjs");
const transpiling = loaders[".js"];
const packages = `${path.sep}node_modules${path.sep}`;
loaders[".js"] = (module, file) => (file.includes(packages) ? plain : transpiling)(module, file);
