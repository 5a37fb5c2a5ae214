/**
 * The agent's and the services' own tests, in containers that have what they need: a compiler, a Redis, an etcd. The
 * machine itself needs none of that.
 */
import { test } from "node:test";
import { agentTests, type Program, testProgram } from "./program";

const npm = { files: ["package.json", "package-lock.json", ".npmrc"], install: "npm ci" };
const pip = {
  files: ["requirements.txt", "requirements-build.txt", "requirements-dev.txt"],
  install: "python3 -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements-dev.txt",
};
const programs: Program[] = [
  {
    folder: "services/users",
    base: "node",
    packages: ["redis-server"],
    dependencies: npm,
    command: "npm test",
  },
  {
    folder: "services/orders",
    base: "node",
    packages: ["redis-server"],
    dependencies: npm,
    command: "npm test",
  },
  {
    folder: "services/payments",
    base: "python",
    packages: ["redis-server", "python3-venv"],
    dependencies: pip,
    command: "/venv/bin/python -m pytest -q",
  },
  agentTests,
  {
    folder: "infra/setup/cluster/supervisor",
    base: "golang",
    packages: [],
    dependencies: { files: ["go.mod"], install: "go version" },
    command: "go vet ./... && go test ./...",
  },
];

for (const program of programs) {
  test(`the tests of ${program.folder} pass, and none is skipped`, { timeout: 20 * 60_000 }, () =>
    testProgram(program),
  );
}
