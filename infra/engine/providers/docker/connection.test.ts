import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import {
  clientOptions,
  type DaemonSettings,
  daemonAddress,
  daemonEnvironment,
  describeDaemon,
  type Surroundings,
} from "./connection";

const home = fs.mkdtempSync(path.join(os.tmpdir(), "connection-"));
after(() => fs.rmSync(home, { recursive: true }));

const write = (file: string, content: string): void => {
  fs.mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
  fs.writeFileSync(path.join(home, file), content);
};
const id = createHash("sha256").update("far").digest("hex");
write("config/config.json", '{"currentContext":"far"}');
write(
  `config/contexts/meta/${id}/meta.json`,
  '{"Name":"far","Endpoints":{"docker":{"Host":"tcp://far:2376"}}}',
);
write(`config/contexts/tls/${id}/docker/ca.pem`, "the authority");
write("certificates/ca.pem", "another authority");
write("desktop/.docker/run/docker.sock", "");

const machine = (environment: Record<string, string>, over: Partial<Surroundings> = {}): Surroundings => ({
  environment,
  home: path.join(home, "empty"),
  operatingSystem: "linux",
  ...over,
});
const withContext = { DOCKER_CONFIG: path.join(home, "config") };

const CASES: [string, DaemonSettings, Surroundings, string, string][] = [
  [
    "the given host goes first",
    { host: "tcp://a:1" },
    machine({ DOCKER_HOST: "tcp://b:1" }),
    "tcp://a:1",
    "provider configuration",
  ],
  ["a given context too", { context: "far" }, machine(withContext), "tcp://far:2376", 'docker context "far"'],
  ["then DOCKER_HOST", {}, machine({ ...withContext, DOCKER_HOST: "tcp://b:1" }), "tcp://b:1", "DOCKER_HOST"],
  ["then the current context", {}, machine(withContext), "tcp://far:2376", 'docker context "far"'],
  [
    "unless DOCKER_CONTEXT says default",
    {},
    machine({ ...withContext, DOCKER_CONTEXT: "default" }),
    "unix:///var/run/docker.sock",
    "default",
  ],
  [
    "then the usual pipe",
    {},
    machine({}, { operatingSystem: "win32" }),
    "npipe:////./pipe/docker_engine",
    "default",
  ],
];

for (const [what, settings, surroundings, url, source] of CASES) {
  test(what, () => {
    const found = daemonAddress(settings, surroundings);
    assert.deepEqual([found.url, found.source], [url, source]);
  });
}

test("a context's certificates are its own, DOCKER_HOST's are those of DOCKER_CERT_PATH", () => {
  assert.equal(String(daemonAddress({}, machine(withContext)).certificates?.ca), "the authority");
  const environment = { DOCKER_HOST: "tcp://b:1", DOCKER_CERT_PATH: path.join(home, "certificates") };
  assert.equal(String(daemonAddress({}, machine(environment)).certificates?.ca), "another authority");
});

test("a context that is not there is an error that says so", () => {
  assert.throws(() => daemonAddress({ context: "near" }, machine({})), {
    message:
      'There is no docker context "near" (provider configuration). "docker context ls" shows those that there are.',
  });
});

const OPTIONS: [string, object][] = [
  ["unix:///run/d.sock", { socketPath: "/run/d.sock", host: undefined, protocol: "http" }],
  [
    "npipe:////./pipe/docker_engine",
    { socketPath: "//./pipe/docker_engine", host: undefined, protocol: "http" },
  ],
  ["tcp://a:99", { socketPath: undefined, host: "a", port: "99", protocol: "http" }],
  ["tcp://a", { socketPath: undefined, host: "a", port: 2375, protocol: "http" }],
  ["https://a", { socketPath: undefined, host: "a", port: 2376, protocol: "https" }],
  ["ssh://me@a", { socketPath: undefined, host: "a", port: 22, protocol: "ssh", username: "me" }],
];

for (const [url, expected] of OPTIONS) {
  test(`${url} becomes options of the client`, () => {
    const options = clientOptions({ url, source: "" }) as Record<string, unknown>;
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, options[key]])), expected);
  });
}

test("certificates mean TLS", () => {
  const options = clientOptions({ url: "tcp://a", source: "", certificates: { ca: "x" } });
  assert.deepEqual([options.protocol, options.port, options.ca], ["https", 2376, "x"]);
});

test("an address that cannot be understood is refused with the forms that can", () => {
  assert.throws(() => clientOptions({ url: "localhost", source: "" }), {
    message:
      'The Docker daemon\'s address "localhost" is not understood. ' +
      "Write unix:///path, npipe:////./pipe/name, tcp://host:port or ssh://user@host.",
  });
});

test("the daemon is described by its address and where that came from", () => {
  assert.equal(describeDaemon({ host: "tcp://a:1" }), "tcp://a:1 (provider configuration)");
});

test("a program that knows no context in use is led to its daemon, unless the user says which one", () => {
  assert.deepEqual(daemonEnvironment(machine(withContext)), {
    DOCKER_HOST: "tcp://far:2376",
    DOCKER_CERT_PATH: path.join(home, `config/contexts/tls/${id}/docker`),
    DOCKER_TLS_VERIFY: "1",
  });
  assert.deepEqual(daemonEnvironment(machine({}, { operatingSystem: "win32" })), {
    DOCKER_HOST: "npipe:////./pipe/docker_engine",
  });
  assert.deepEqual(daemonEnvironment(machine({ ...withContext, DOCKER_HOST: "tcp://b:1" })), {});
  assert.deepEqual(daemonEnvironment(machine({ ...withContext, DOCKER_CONTEXT: "far" })), {});
});
