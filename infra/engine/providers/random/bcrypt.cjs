/** Hashes one password, as a thread of its own. */
const { parentPort, workerData } = require("node:worker_threads");
const { hashSync } = require("bcryptjs");

parentPort?.postMessage(hashSync(workerData.text, workerData.cost));
