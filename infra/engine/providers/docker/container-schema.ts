/** The inputs of docker:index/container:Container. */
import { refuseDuration } from "./duration";
import { atLeast, flag, labelSet, list, map, number, object, oneOf, type Schema, set, text } from "./schema";

const replaces = { replaces: true };
const texts = set(text(), replaces);
const duration = () => text({ fallback: "0s", refuse: refuseDuration });
const amount = (minimum = 0) => number({ refuse: atLeast(minimum) });
const unsupported = { unsupported: true };
const unsupportedList = set(text(), unsupported);

const octalMode = (value: string): string | undefined =>
  /^0[0-7]{3}$/.test(value) ? undefined : `must be four octal digits such as "0644", got "${value}"`;
const numericId = (value: string): string | undefined =>
  /^\d+$/.test(value)
    ? undefined
    : `must be a numeric id, got "${value}": names differ between machines and images`;
const cores = (value: string): string | undefined =>
  Number(value) > 0 ? undefined : `must be a number of cores above 0 such as "0.5", got "${value}"`;

/** What never reaches the daemon: it says how the provider goes about the container. */
const handling: Schema = {
  attach: flag({ fallback: false }),
  containerReadRefreshTimeoutMilliseconds: number({ fallback: 15000 }),
  destroyGraceSeconds: amount(),
  logs: flag({ fallback: false }),
  mustRun: flag({ fallback: true }),
  removeVolumes: flag({ fallback: true }),
  start: flag({ fallback: true }),
  wait: flag({ fallback: false }),
  waitTimeout: number({ fallback: 60, refuse: atLeast(1) }),
};

/** What `docker update` can change in a living container. */
const updatable: Schema = {
  cpuPeriod: amount(),
  cpuQuota: amount(),
  cpuSet: text(),
  cpuShares: amount(),
  maxRetryCount: amount(),
  memory: amount(),
  memoryReservation: number({ fallback: 0, refuse: atLeast(0) }),
  memorySwap: amount(-1),
  restart: text({ fallback: "no", refuse: oneOf("no", "on-failure", "always", "unless-stopped") }),
};

/** The keys that an update brings to a living container. */
export const UPDATABLE_KEYS = Object.keys(updatable);

const mount = object({
  bindOptions: object({
    propagation: text({ refuse: oneOf("private", "rprivate", "shared", "rshared", "slave", "rslave") }),
  }),
  readOnly: flag(),
  source: text(),
  target: text({ required: true }),
  tmpfsOptions: object({ mode: number(), sizeBytes: number() }),
  type: text({ required: true, refuse: oneOf("bind", "volume", "tmpfs") }),
  volumeOptions: object({
    driverName: text(),
    driverOptions: map(),
    labels: labelSet(),
    noCopy: flag(),
    subpath: text(),
  }),
});

export const containerSchema: Schema = {
  ...handling,
  ...updatable,
  capabilities: object({ adds: set(text()), drops: set(text()) }, replaces),
  cgroupParent: text(replaces),
  cgroupnsMode: text({ ...replaces, refuse: oneOf("private", "host") }),
  command: list(text(), replaces),
  cpus: text({ ...replaces, refuse: cores }),
  deviceCgroupRules: set(text(), { ...unsupported, recent: true }),
  deviceReadBps: unsupportedList,
  deviceReadIops: unsupportedList,
  deviceRequests: unsupportedList,
  deviceWriteBps: unsupportedList,
  deviceWriteIops: unsupportedList,
  devices: unsupportedList,
  dns: texts,
  dnsOpts: texts,
  dnsSearches: texts,
  domainname: text(replaces),
  entrypoints: list(text(), replaces),
  envs: texts,
  gpus: text(unsupported),
  groupAdds: texts,
  healthcheck: object(
    {
      interval: duration(),
      retries: number({ fallback: 0, refuse: atLeast(0) }),
      startInterval: duration(),
      startPeriod: duration(),
      tests: list(text()),
      timeout: duration(),
    },
    replaces,
  ),
  hostname: text(replaces),
  hosts: set(object({ host: text({ required: true }), ip: text({ required: true }) }), replaces),
  image: text({ ...replaces, required: true }),
  init: flag(replaces),
  ipcMode: text(replaces),
  labels: labelSet(),
  logDriver: text(replaces),
  logOpts: map(replaces),
  mounts: set(mount, replaces),
  name: text({ ...replaces, required: true }),
  networkMode: text({ ...replaces, fallback: "bridge" }),
  networksAdvanced: set(
    object({
      aliases: set(text()),
      driverOpts: set(text()),
      gwPriority: number(unsupported),
      ipv4Address: text(),
      ipv6Address: text(),
      linkLocalIps: set(text()),
      macAddress: text(),
      name: text({ required: true }),
    }),
    replaces,
  ),
  pidMode: text(replaces),
  platform: text(replaces),
  ports: list(
    object({
      external: number(),
      internal: number({ required: true }),
      ip: text({ fallback: "0.0.0.0" }),
      protocol: text({ fallback: "tcp", refuse: oneOf("tcp", "udp", "sctp") }),
    }),
    replaces,
  ),
  privileged: flag(replaces),
  publishAllPorts: flag(replaces),
  readOnly: flag({ ...replaces, fallback: false }),
  rm: flag({ ...replaces, fallback: false }),
  runtime: text(replaces),
  securityOpts: texts,
  shmSize: number({ ...replaces, refuse: atLeast(0) }),
  stdinOpen: flag({ ...replaces, fallback: false }),
  stopSignal: text(replaces),
  stopTimeout: number({ ...replaces, refuse: atLeast(0) }),
  storageOpts: map(replaces),
  sysctls: map(replaces),
  tmpfs: map(replaces),
  tty: flag({ ...replaces, fallback: false }),
  ulimits: set(
    object({
      hard: number({ required: true }),
      name: text({ required: true }),
      soft: number({ required: true }),
    }),
    replaces,
  ),
  uploads: set(
    object({
      content: text(),
      contentBase64: text(),
      executable: flag({ fallback: false }),
      file: text({ required: true }),
      group: text({ recent: true, refuse: numericId }),
      owner: text({ recent: true, refuse: numericId }),
      permissions: text({ refuse: octalMode }),
      source: text(),
      sourceHash: text(),
    }),
    replaces,
  ),
  user: text(replaces),
  usernsMode: text(replaces),
  volumes: set(
    object({
      containerPath: text(),
      fromContainer: text(),
      hostPath: text(),
      readOnly: flag(),
      selinuxRelabel: text({ refuse: oneOf("z", "Z") }),
      volumeName: text(),
    }),
    replaces,
  ),
  workingDir: text(replaces),
};
