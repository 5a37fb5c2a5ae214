import assert from "node:assert/strict";
import { test } from "node:test";
import { AGENT_FOLDER } from "../../../components/fields";
import { fakeDocker, inspected, partLabels } from "../testing";
import { StackOnDocker } from "./stack-on-docker";

const starting = { Status: "running", Health: { Status: "starting" } };
const healthy = { Status: "running", Health: { Status: "healthy" } };
const byAgent = ["CMD", `${AGENT_FOLDER}/agent`, "probe", "http://127.0.0.1:8080/health"];

/** The state of the main container of replica 1. */
async function stateOfMain(main: object, ...others: object[]): Promise<string | undefined> {
  const containers = Object.fromEntries([main, ...others].map((one) => [(one as { Id: string }).Id, one]));
  const parts = await new StackOnDocker(fakeDocker({ containers }), "shop/dev").parts();
  return parts.find(({ replica, role }) => replica === "1" && role === "main")?.state;
}

const main = (state: typeof starting, command: string[]) =>
  inspected("main", partLabels("users", 1, "main"), state, {}, command);
const register = (state: object, replica = 1) =>
  inspected("register", partLabels("users", replica, "agent-register"), state as typeof healthy);

test("a main container that Docker has not seen healthy yet is healthy once its agent has seen it so", async () => {
  assert.equal(await stateOfMain(main(starting, byAgent), register(healthy)), "healthy");
});

test("nobody else vouches for it", async () => {
  assert.equal(await stateOfMain(main(starting, byAgent)), "starting");
  assert.equal(await stateOfMain(main(starting, byAgent), register(starting)), "starting");
  assert.equal(await stateOfMain(main(starting, byAgent), register(healthy, 2)), "starting");
  const forward = inspected("forward", partLabels("users", 1, "agent-forward"), healthy);
  assert.equal(await stateOfMain(main(starting, byAgent), forward), "starting");
});

test("what Docker saw counts, and so does a command that the agent does not run", async () => {
  const failed = { Status: "running", Health: { Status: "unhealthy" } };
  assert.equal(await stateOfMain(main(failed, byAgent), register(healthy)), "unhealthy");
  assert.equal(await stateOfMain(main(starting, ["CMD", "pg_isready"]), register(healthy)), "starting");
});
