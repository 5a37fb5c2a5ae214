import assert from "node:assert/strict";
import { test } from "node:test";
import { type DockerSituation, type Remedy, remedyFor } from "./docker";

const bareDebian: DockerSituation = {
  platform: "linux",
  address: "unix:///var/run/docker.sock",
  source: "default",
  isForbidden: false,
  isRoot: true,
  isInstalled: false,
  canInstall: true,
};

const table: [string, Partial<DockerSituation>, Remedy][] = [
  ["root on Debian without Docker", {}, "install"],
  ["root with Docker that does not run", { isInstalled: true }, "start"],
  ["root elsewhere with Docker that does not run", { isInstalled: true, canInstall: false }, "start"],
  [
    "a user with Docker that does not run",
    { isInstalled: true, isRoot: false, canInstall: false },
    { advice: 'Docker does not run: start it with "sudo systemctl start docker", or run this as root.' },
  ],
  [
    "a user without Docker",
    { isRoot: false, canInstall: false },
    {
      advice:
        "Docker is not installed: install Docker Engine with your system's package manager and start it.",
    },
  ],
  [
    "a user who may not use Docker",
    { isInstalled: true, isRoot: false, canInstall: false, isForbidden: true },
    {
      advice:
        'Your user may not use Docker at unix:///var/run/docker.sock: add it to the group "docker" and log in again, ' +
        "or run this as root.",
    },
  ],
  [
    "a daemon of the user's choice",
    { address: "tcp://10.0.0.5:2375", source: "DOCKER_HOST" },
    {
      advice:
        "The Docker daemon at tcp://10.0.0.5:2375 (DOCKER_HOST) does not answer: start it, or choose another one.",
    },
  ],
  [
    "macOS",
    { platform: "darwin", isRoot: false, canInstall: false },
    { advice: "Docker does not answer: start Docker Desktop (install it first if it is missing)." },
  ],
];

for (const [name, situation, remedy] of table) {
  test(`No daemon answers: ${name}`, () => {
    assert.deepEqual(remedyFor({ ...bareDebian, ...situation }), remedy);
  });
}
