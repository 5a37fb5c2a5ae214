/** Loads TypeScript in tests as the command line does. */
require("../infra/engine/host/transpile.cjs");
