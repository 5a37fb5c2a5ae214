/** Loads TypeScript in tests as the command line does. */
require("../infra/setup/transpile.cjs");
