/** Loads TypeScript in tests as the command line does, and Pulumi's SDK as programs get it. */
const hooks = require("node:async_hooks");
require("../infra/engine/host/preload.cjs");
require("../infra/engine/host/transpile.cjs");

// Node's test runner notes whose each promise is, to lay a stray error at the right test, and asks to be told when one is
// collected, so that it can forget it. That takes a quarter of the time of tests that make many; nothing needs forgetting here.
const { createHook } = hooks;
hooks.createHook = ({ destroy: _, ...callbacks }) => createHook(callbacks);
