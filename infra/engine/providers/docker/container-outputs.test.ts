import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckFailure, Properties } from "../../provider";
import { containerOutputs, type LiveContainer, liveInputs } from "./container-outputs";
import { containerSchema } from "./container-schema";
import { changedProperties, checkInputs } from "./schema";

const MIB = 1024 * 1024;

function checked(given: Properties): Properties {
  const failures: CheckFailure[] = [];
  const inputs = checkInputs(
    containerSchema,
    undefined,
    { name: "c-1234567", image: "i:1", ...given },
    failures,
  );
  assert.deepEqual(failures, []);
  return inputs;
}

interface Over {
  config?: object;
  host?: object;
  state?: object;
  network?: object;
}

/** As daemon 20.10 answers. */
function live({ config, host, state, network }: Over = {}): LiveContainer {
  return {
    Id: "626ad2f45632ee",
    Name: "/c-1234567",
    Image: "sha256:abc",
    Platform: "linux",
    State: { Running: true, ExitCode: 0, ...state },
    Config: {
      Hostname: "626ad2f45632",
      Image: "i:1",
      Cmd: ["serve"],
      Entrypoint: null,
      Env: ["PATH=/bin"],
      ...config,
    },
    HostConfig: {
      NetworkMode: "bridge",
      RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
      LogConfig: { Type: "json-file", Config: {} },
      IpcMode: "private",
      Runtime: "runc",
      ShmSize: 64 * MIB,
      ...host,
    },
    NetworkSettings: { Bridge: "", Ports: {}, Networks: {}, ...network },
  } as unknown as LiveContainer;
}

test("a plain container has the outputs that the plugin stores", () => {
  assert.deepEqual(containerOutputs(checked({}), live()), {
    __meta:
      '{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,' +
      '"update":1200000000000},"schema_version":"2"}',
    id: "626ad2f45632ee",
    attach: false,
    bridge: "",
    capabilities: null,
    cgroupParent: null,
    cgroupnsMode: null,
    command: ["serve"],
    containerLogs: null,
    containerReadRefreshTimeoutMilliseconds: 15000,
    cpuPeriod: null,
    cpuQuota: null,
    cpuSet: "",
    cpuShares: 0,
    cpus: null,
    destroyGraceSeconds: null,
    deviceReadBps: [],
    deviceReadIops: [],
    deviceRequests: [],
    deviceWriteBps: [],
    deviceWriteIops: [],
    devices: [],
    dns: null,
    dnsOpts: null,
    dnsSearches: null,
    domainname: "",
    entrypoints: [],
    envs: [],
    exitCode: null,
    gpus: null,
    groupAdds: null,
    healthcheck: null,
    hostname: "626ad2f45632",
    hosts: [],
    image: "i:1",
    init: false,
    ipcMode: "private",
    labels: [],
    logDriver: "json-file",
    logOpts: null,
    logs: false,
    maxRetryCount: 0,
    memory: 0,
    memoryReservation: 0,
    memorySwap: 0,
    mounts: [],
    mustRun: true,
    name: "c-1234567",
    networkDatas: [],
    networkMode: "bridge",
    networksAdvanced: [],
    pidMode: null,
    platform: "linux",
    ports: [],
    privileged: false,
    publishAllPorts: false,
    readOnly: false,
    removeVolumes: true,
    restart: "no",
    rm: false,
    runtime: "runc",
    securityOpts: [],
    shmSize: 64,
    start: true,
    stdinOpen: false,
    stopSignal: "",
    stopTimeout: 0,
    storageOpts: null,
    sysctls: null,
    tmpfs: null,
    tty: false,
    ulimits: [],
    uploads: [],
    user: "",
    usernsMode: "",
    volumes: [],
    wait: false,
    waitTimeout: 60,
    workingDir: "",
  });
});

const check = (interval: string) => ({ healthcheck: { tests: ["CMD", "x"], interval } });
const liveCheck = { config: { Healthcheck: { Test: ["CMD", "x"], Interval: 90e9 } } };
const twoPorts = { ports: [{ internal: 90 }, { internal: 80, external: 8080, ip: "127.0.0.1" }] };
const mapped = {
  network: {
    Ports: {
      "90/tcp": [{ HostIp: "0.0.0.0", HostPort: "49153" }],
      "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }],
      "81/tcp": null,
    },
  },
};

const OUTPUTS: [string, Properties, Over, Properties][] = [
  [
    "an image by its id stays an id",
    { image: "sha256:abc" },
    { config: { Image: "i:1" } },
    { image: "sha256:abc" },
  ],
  [
    "memory in MiB",
    { memory: 64, memorySwap: 64 },
    { host: { Memory: 64 * MIB, MemorySwap: 64 * MIB } },
    { memory: 64, memorySwap: 64 },
  ],
  [
    "swap that the daemon chose is not shown",
    { memory: 64 },
    { host: { Memory: 64 * MIB, MemorySwap: 128 * MIB } },
    { memorySwap: 0 },
  ],
  ["cores as the program wrote them", { cpus: "1" }, { host: { NanoCpus: 1e9 } }, { cpus: "1" }],
  [
    "cores that differ, as the plugin writes them",
    { cpus: "2" },
    { host: { NanoCpus: 1e9 } },
    { cpus: "1.0" },
  ],
  [
    "a duration as the program wrote it",
    check("90s"),
    liveCheck,
    {
      healthcheck: {
        interval: "90s",
        retries: 0,
        startInterval: "0s",
        startPeriod: "0s",
        tests: ["CMD", "x"],
        timeout: "0s",
      },
    },
  ],
  [
    "another duration as the plugin writes it",
    check("1s"),
    liveCheck,
    {
      healthcheck: {
        interval: "1m30s",
        retries: 0,
        startInterval: "0s",
        startPeriod: "0s",
        tests: ["CMD", "x"],
        timeout: "0s",
      },
    },
  ],
  [
    "ports as they are bound",
    twoPorts,
    mapped,
    {
      ports: [
        { external: 8080, internal: 80, ip: "127.0.0.1", protocol: "tcp" },
        { external: 49153, internal: 90, ip: "0.0.0.0", protocol: "tcp" },
      ],
    },
  ],
  [
    "ports of a stopped container as asked for",
    { ports: [{ internal: 80 }] },
    {},
    { ports: [{ external: null, internal: 80, ip: "0.0.0.0", protocol: "tcp" }] },
  ],
  [
    "a stopped container does not run as it must",
    {},
    { state: { Running: false, ExitCode: 3 } },
    { mustRun: false, exitCode: 3 },
  ],
  [
    "capabilities both ways",
    { capabilities: { drops: ["ALL"] } },
    { host: { CapDrop: ["ALL"] } },
    { capabilities: { adds: [], drops: ["ALL"] } },
  ],
  [
    "volumes with all their fields",
    { volumes: [{ volumeName: "v", containerPath: "/a" }] },
    {},
    {
      volumes: [
        {
          containerPath: "/a",
          fromContainer: "",
          hostPath: "",
          readOnly: null,
          selinuxRelabel: "",
          volumeName: "v",
        },
      ],
    },
  ],
  [
    "the daemon's own log options are not shown",
    {},
    { host: { LogConfig: { Type: "json-file", Config: { a: "b" } } } },
    { logOpts: null },
  ],
];

for (const [what, given, over, expected] of OUTPUTS) {
  test(what, () => {
    const outputs = containerOutputs(checked(given), live(over));
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, outputs[key]])), expected);
  });
}

test("the log of an attached container is an output", () => {
  assert.equal(containerOutputs(checked({}), live(), "hello\n").containerLogs, "hello\n");
});

const DRIFTS: [string, Properties, Over, Properties][] = [
  ["nothing", { memory: 64 }, { host: { Memory: 64 * MIB } }, {}],
  ["stopped", {}, { state: { Running: false } }, { mustRun: false }],
  ["stopped, as it may be", { mustRun: false }, { state: { Running: false } }, {}],
  ["never started, as asked", { start: false }, { state: { Running: false } }, {}],
  ["another limit", { memory: 64 }, { host: { Memory: 32 * MIB } }, { memory: 32 }],
  ["a limit that nobody asked for", {}, { host: { Memory: 32 * MIB } }, {}],
  ["another restart policy", {}, { host: { RestartPolicy: { Name: "always" } } }, { restart: "always" }],
];

for (const [what, given, over, changed] of DRIFTS) {
  test(`drift: ${what}`, () => {
    const inputs = checked(given);
    const __defaults = inputs.__defaults.filter((key: string) => !(key in changed));
    const seen = liveInputs(inputs, containerOutputs(inputs, live(over)));
    assert.deepEqual(seen, { ...inputs, ...changed, __defaults });
    // The next run brings back what the program asks for.
    const again = checkInputs(containerSchema, seen, { name: "c-1234567", image: "i:1", ...given }, []);
    assert.deepEqual(changedProperties(containerSchema, seen, again), Object.keys(changed));
  });
}
