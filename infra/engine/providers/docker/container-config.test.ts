import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckFailure, Properties } from "../../provider";
import { createOptions, endpoint, furtherNetworks, updateOptions } from "./container-config";
import { containerSchema } from "./container-schema";
import { checkInputs } from "./schema";

const MIB = 1024 * 1024;

function checked(given: Properties): Properties {
  const failures: CheckFailure[] = [];
  const inputs = checkInputs(containerSchema, undefined, { name: "c", image: "i", ...given }, failures);
  assert.deepEqual(failures, []);
  return inputs;
}
const host = (given: Properties) => createOptions(checked(given)).HostConfig as Record<string, unknown>;

const HOST_CONFIG: [Properties, Record<string, unknown>][] = [
  [{}, { NetworkMode: "bridge", RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, Init: false }],
  [
    { memory: 64, memorySwap: 64 },
    { Memory: 64 * MIB, MemorySwap: 64 * MIB },
  ],
  [
    { memorySwap: -1, shmSize: 1 },
    { MemorySwap: -1, ShmSize: MIB },
  ],
  [
    { cpus: "0.25", cpuQuota: 5 },
    { NanoCpus: 250_000_000, CpuQuota: undefined },
  ],
  [{ cpus: 2 }, { NanoCpus: 2_000_000_000 }],
  [
    { restart: "on-failure", maxRetryCount: 3 },
    { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } },
  ],
  [{ capabilities: { adds: ["A"], drops: ["ALL"] } }, { CapAdd: ["A"], CapDrop: ["ALL"] }],
  [
    { readOnly: true, tmpfs: { "/tmp": "size=1m" } },
    { ReadonlyRootfs: true, Tmpfs: { "/tmp": "size=1m" } },
  ],
  [{ securityOpts: ["no-new-privileges"] }, { SecurityOpt: ["no-new-privileges"], MaskedPaths: undefined }],
  [{ securityOpts: ["systempaths=unconfined"] }, { SecurityOpt: [], MaskedPaths: [], ReadonlyPaths: [] }],
  [{ hosts: [{ host: "h", ip: "1.2.3.4" }] }, { ExtraHosts: ["h:1.2.3.4"] }],
  [{ ulimits: [{ name: "nofile", soft: 1, hard: 2 }] }, { Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }] }],
  [
    { logDriver: "json-file", logOpts: { "max-size": "1m" } },
    { LogConfig: { Type: "json-file", Config: { "max-size": "1m" } } },
  ],
  [
    {
      volumes: [
        { volumeName: "v", containerPath: "/a", readOnly: true },
        { hostPath: "/h", volumeName: "ignored", containerPath: "/b", selinuxRelabel: "z" },
        { containerPath: "/anonymous" },
        { fromContainer: "other" },
      ],
    },
    { Binds: ["v:/a:ro", "/h:/b:rw,z"], VolumesFrom: ["other"] },
  ],
  [
    {
      ports: [
        { internal: 80, external: 8080, ip: "127.0.0.1" },
        { internal: 80, external: 8081 },
        { internal: 53, protocol: "udp" },
      ],
    },
    {
      PortBindings: {
        "80/tcp": [
          { HostIp: "127.0.0.1", HostPort: "8080" },
          { HostIp: "0.0.0.0", HostPort: "8081" },
        ],
        "53/udp": [{ HostIp: "0.0.0.0", HostPort: "" }],
      },
    },
  ],
];

for (const [given, expected] of HOST_CONFIG) {
  test(`${JSON.stringify(given)} reaches the host configuration`, () => {
    const config = host(given);
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, config[key]])), expected);
  });
}

test("mounts keep their options", () => {
  const mounts = [
    {
      type: "volume",
      source: "v",
      target: "/v",
      volumeOptions: { noCopy: true, labels: [{ label: "k", value: "x" }] },
    },
    { type: "tmpfs", target: "/t", tmpfsOptions: { sizeBytes: 5, mode: 0o1777 } },
    { type: "bind", source: "/h", target: "/b", readOnly: true, bindOptions: { propagation: "rslave" } },
  ];
  assert.deepEqual(JSON.parse(JSON.stringify(host({ mounts }).Mounts)), [
    { Type: "volume", Source: "v", Target: "/v", VolumeOptions: { NoCopy: true, Labels: { k: "x" } } },
    { Type: "tmpfs", Source: "", Target: "/t", TmpfsOptions: { SizeBytes: 5, Mode: 0o1777 } },
    { Type: "bind", Source: "/h", Target: "/b", ReadOnly: true, BindOptions: { Propagation: "rslave" } },
  ]);
});

test("what runs: command, environment, user, signals, labels, ports", () => {
  const options = createOptions(
    checked({
      command: ["serve"],
      entrypoints: [],
      envs: ["A=1"],
      user: "65532:65532",
      workingDir: "/w",
      stopSignal: "SIGINT",
      stopTimeout: 7,
      labels: [{ label: "k", value: "v" }],
      ports: [{ internal: 80 }],
      volumes: [{ containerPath: "/anonymous" }],
    }),
  );
  const { Cmd, Entrypoint, Env, User, WorkingDir, StopSignal, StopTimeout, Labels, ExposedPorts, Volumes } =
    options;
  assert.deepEqual(
    [Cmd, Entrypoint, Env, User, WorkingDir, StopSignal, StopTimeout, Labels, ExposedPorts, Volumes],
    [
      ["serve"],
      undefined,
      ["A=1"],
      "65532:65532",
      "/w",
      "SIGINT",
      7,
      { k: "v" },
      { "80/tcp": {} },
      { "/anonymous": {} },
    ],
  );
});

test("a health check counts in nanoseconds, and leaves out what old daemons do not know", () => {
  const healthcheck = { tests: ["CMD", "true"], interval: "5s", timeout: "500ms", retries: 3 };
  assert.deepEqual(createOptions(checked({ healthcheck })).Healthcheck, {
    Test: ["CMD", "true"],
    Interval: 5e9,
    Timeout: 5e8,
    StartPeriod: 0,
    StartInterval: undefined,
    Retries: 3,
  });
});

test("the mode's own network is configured in the creation, the others are connected afterwards", () => {
  const inputs = checked({
    networkMode: "n",
    networksAdvanced: [{ name: "n", aliases: ["a"] }, { name: "m" }],
  });
  assert.deepEqual(Object.keys(createOptions(inputs).NetworkingConfig?.EndpointsConfig ?? {}), ["n"]);
  assert.deepEqual(
    furtherNetworks(inputs).map(({ name }) => name),
    ["m"],
  );
  const other = checked({ networksAdvanced: [{ name: "n" }] });
  assert.equal(createOptions(other).NetworkingConfig, undefined);
  assert.deepEqual(
    furtherNetworks(other).map(({ name }) => name),
    ["n"],
  );
});

test("an endpoint has aliases, addresses and options", () => {
  const network = { name: "n", aliases: ["a"], ipv4Address: "10.0.0.2", driverOpts: ["k=a=b"] };
  assert.deepEqual(JSON.parse(JSON.stringify(endpoint(network))), {
    Aliases: ["a"],
    IPAMConfig: { IPv4Address: "10.0.0.2" },
    DriverOpts: { k: "a=b" },
  });
});

test("an update gives the daemon all limits at once, swap twice the memory where nothing is said", () => {
  const { Memory, MemorySwap, RestartPolicy } = updateOptions(checked({ memory: 64, restart: "always" }));
  assert.deepEqual(
    [Memory, MemorySwap, RestartPolicy],
    [64 * MIB, 128 * MIB, { Name: "always", MaximumRetryCount: 0 }],
  );
  assert.equal(updateOptions(checked({ memory: 64, memorySwap: 64 })).MemorySwap, 64 * MIB);
  assert.equal(updateOptions(checked({})).MemorySwap, -1);
});
