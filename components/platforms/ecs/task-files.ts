import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { agentContainer } from "../../agent-sidecars";
import { containerSpec } from "../../container";
import type { ContainerSpec, FileBundle, FileSpec, SidecarSpec } from "../../container-spec";
import { AGENT_FOLDER } from "../../fields";
import { byFolder } from "../shared/file-folders";
import type { EcsHost } from "./host";
import type { Statement } from "./policy";
import type { StoredSecrets } from "./secret-store";
import type { MountPoint, TaskVolumes } from "./task-volumes";

/** A container that writes files, with the values that it finds in its environment. */
export interface FileWriter<C extends ContainerSpec = ContainerSpec> {
  spec: C;
  secrets: EnvironmentSecret[];
}

/** A variable whose value ECS takes from the store of secrets. */
export interface EnvironmentSecret {
  name: string;
  valueFrom: pulumi.Input<string>;
}

/** How the files of a task get to its containers. */
export interface TaskFiles {
  /** Where each container sees its own, by its name. */
  mounts: Map<string, MountPoint[]>;
  /** Makes the volumes ready before anything else runs. */
  writer: FileWriter;
  /** Keeps live files up to date; undefined where there are none. */
  follower: SidecarSpec | undefined;
  /** What reading them takes: of the role that starts the task, and of the one that its containers have. */
  startStatements: Statement[];
  taskStatements: Statement[];
  /** What must be there before a task starts. */
  needed: pulumi.Resource[];
}

/** Secrets of a bundle, kept once for all workloads that share it. */
export type BundleSecrets = (bundle: FileBundle) => StoredSecrets | undefined;

/** A longer file is kept at S3, as a task's definition has at most 64 KiB. */
const LONGEST_INLINE = 4096;

const VOLUMES = "/volumes";
const FOLLOWER = "agent-live";
const FOLLOWER_READY_PORT = 15097;
const FOLLOW_SECONDS = 5;

/** A folder of files that some containers mount. */
interface Folder {
  volume: string;
  files: FileSpec[];
}

/**
 * Writes files into volumes of the task by the agent, as ECS itself has none. A short one stands in the definition, a secret
 * one is handed over by ECS from the store of secrets, a long or a live one lies at S3; of live ones the agent looks for a
 * new content every few seconds.
 */
export function taskFiles(
  host: EcsHost,
  name: string,
  containers: ContainerSpec[],
  volumes: TaskVolumes,
  bundleSecrets: BundleSecrets,
  parent: pulumi.Resource,
): TaskFiles {
  const places = new Places(host, name, parent);
  const mounts = new Map<string, MountPoint[]>();
  const folders = new Map<string, Folder>();
  for (const container of containers) {
    const own = foldersOf(`${container.name}-files`, container.files);
    const shared = container.bundles.flatMap((bundle) => foldersOf(`bundle-${bundle.name}`, bundle.files));
    mounts.set(
      container.name,
      [...own, ...shared].map(([folder, { volume }]) => {
        return { sourceVolume: volume, containerPath: folder, readOnly: true };
      }),
    );
    for (const [, folder] of [...own, ...shared]) {
      folders.set(folder.volume, folder);
    }
  }
  const followed: MountPoint[] = [];
  for (const { volume, files } of folders.values()) {
    // The follower is no root.
    volumes.add(volume, isLive(files) ? "0777" : "0755");
    if (isLive(files)) {
      followed.push({ sourceVolume: volume, containerPath: `${VOLUMES}/${volume}`, readOnly: false });
    }
  }
  mounts.set(FOLLOWER, followed);
  const bundles = new Map(containers.flatMap(({ bundles: all }) => all).map((one) => [one.name, one]));
  const stored = new Map([...bundles].map(([bundle, one]) => [bundle, bundleSecrets(one)]));
  const ownSecrets = [...folders.values()]
    .filter(({ volume }) => !volume.startsWith("bundle-"))
    .flatMap(({ volume, files }) => secretsOf(volume, files));
  const own =
    ownSecrets.length === 0
      ? undefined
      : host.secrets(
          name,
          ownSecrets.map(({ key, file }) => ({ key, value: file.content })),
          parent,
        );
  for (const { volume, files } of folders.values()) {
    if (isLive(files)) {
      places.follow(volume, files);
      continue;
    }
    const bundle = [...bundles.keys()].find((one) => volume.startsWith(`bundle-${one}-`));
    const secrets = bundle === undefined ? own : stored.get(bundle);
    for (const [index, file] of files.entries()) {
      places.add(`${VOLUMES}/${volume}/${path.posix.basename(file.path)}`, file, () => {
        return secrets!.references.get(secretKey(volume, file, index))!;
      });
    }
  }
  const statements = [own, ...stored.values()].flatMap((one) => one?.statements ?? []);
  const content = [...folders.values()].flatMap(({ files }) => files.filter(({ live }) => !live));
  return {
    mounts,
    writer: writer(host, places, volumes, content),
    follower: follower(host, places),
    startStatements: statements,
    taskStatements: places.statements,
    needed: places.objects,
  };
}

/** The secret files of a bundle, by the keys under which they are kept. */
export function bundleEntries({ name, files }: FileBundle) {
  return foldersOf(`bundle-${name}`, files)
    .flatMap(([, folder]) => secretsOf(folder.volume, folder.files))
    .map(({ key, file }) => ({ key, value: file.content }));
}

function foldersOf(owner: string, files: FileSpec[]): [string, Folder][] {
  return [...byFolder(owner, files)].map(([folder, own], index) => {
    return [folder, { volume: `${owner}-${index + 1}`, files: own }];
  });
}

function secretsOf(volume: string, files: FileSpec[]): { key: string; file: FileSpec }[] {
  return files.flatMap((file, index) =>
    isKept(file) ? [{ key: secretKey(volume, file, index), file }] : [],
  );
}

function isLive(files: FileSpec[]): boolean {
  return files.some(({ live }) => live);
}

/** A live secret lies at S3, whose bucket is private, as ECS hands secrets over only at the start. */
function isKept({ secret, live }: FileSpec): boolean {
  return secret && !live;
}

function secretKey(volume: string, { path: file }: FileSpec, index: number): string {
  return `${volume}-${index}-${path.posix.basename(file)}`.replace(/[^A-Za-z0-9_-]/g, "_");
}

/** Collects where the agent writes what. */
class Places {
  readonly environment: Record<string, pulumi.Input<string>> = {};
  readonly secrets: EnvironmentSecret[] = [];
  readonly written: pulumi.Input<string>[] = [];
  readonly followed: pulumi.Input<string>[] = [];
  readonly objects: pulumi.Resource[] = [];
  private readonly arns: pulumi.Output<string>[] = [];
  private count = 0;

  constructor(
    private readonly host: EcsHost,
    private readonly name: string,
    private readonly parent: pulumi.Resource,
  ) {}

  get statements(): Statement[] {
    return this.arns.length === 0 ? [] : [{ actions: ["s3:GetObject"], resources: this.arns }];
  }

  /** A file that is written once. */
  add(target: string, { content, mode, secret }: FileSpec, reference: () => pulumi.Output<string>): void {
    if (!secret && typeof content === "string" && Buffer.byteLength(content) > LONGEST_INLINE) {
      const own = target.slice(VOLUMES.length + 1);
      // One place for each content, so that there is a way back.
      const key = pulumi.interpolate`${this.name}/${this.host.digest(content)}/${own}`;
      this.written.push(pulumi.interpolate`${target}=${mode}:s3:${this.store(own, key, content)}`);
      return;
    }
    const variable = `FILE_${this.count++}`;
    if (secret) {
      this.secrets.push({ name: variable, valueFrom: reference() });
    } else {
      this.environment[variable] = content;
    }
    this.written.push(`${target}=${mode}:env:${variable}`);
  }

  /** A folder of live files: one object, so that they change together, in a place that stays, where tasks look. */
  follow(volume: string, files: FileSpec[]): void {
    const content = pulumi.jsonStringify(
      Object.fromEntries(
        files.map(({ path: file, content: text, mode }) => [
          path.posix.basename(file),
          { content: text, mode },
        ]),
      ),
    );
    const place = this.store(volume, `${this.name}/live/${volume}.json`, content);
    this.followed.push(pulumi.interpolate`${VOLUMES}/${volume}=s3:${place}`);
  }

  private store(
    own: string,
    key: pulumi.Input<string>,
    content: pulumi.Input<string>,
  ): pulumi.Output<string> {
    const resource = `${this.name}-${own.replace(/[^A-Za-z0-9]+/g, "-")}`;
    const { place, arn, object } = this.host.files.put(resource, key, content, this.parent);
    this.arns.push(arn);
    this.objects.push(object);
    return place;
  }
}

function writer(host: EcsHost, places: Places, volumes: TaskVolumes, files: FileSpec[]): FileWriter {
  const args = {
    // Volumes are root's; every capability is dropped all the same.
    hardening: { runAsUser: 0 },
    environment: {
      ...region(host, places.objects),
      ...places.environment,
      // A new content of a secret is a new definition, and so a rollout.
      FILES_REVISION: host.digest(files.map(({ path: file, content, mode }) => ({ file, content, mode }))),
    },
    entrypoint: ["/agent"],
    command: [
      ...["files", "--install", `${VOLUMES}/agent/agent`],
      ...volumes.prepared.flatMap(({ name, mode }) => ["--folder", `${VOLUMES}/${name}=${mode}`]),
      ...places.written.flatMap((one) => ["--file", one]),
    ],
    cpuMillicores: 100,
    memoryMiB: 64,
  };
  return { spec: containerSpec("agent-files", host.agentImage, args, undefined), secrets: places.secrets };
}

function follower(host: EcsHost, places: Places): SidecarSpec | undefined {
  if (places.followed.length === 0) {
    return undefined;
  }
  const agent = agentContainer(
    FOLLOWER,
    host.agentImage,
    { arguments: [], bundles: [] },
    ["files", "--follow", `${FOLLOW_SECONDS}s`, "--ready-listen", `127.0.0.1:${FOLLOWER_READY_PORT}`],
    FOLLOWER_READY_PORT,
  );
  return {
    ...agent,
    environment: region(host, places.objects),
    command: [...agent.command!, ...places.followed.flatMap((one) => ["--set", one])],
    order: "before",
  };
}

function region(host: EcsHost, places: unknown[]): Record<string, string> {
  return places.length === 0 ? {} : { AWS_REGION: host.region };
}

/** The volume with the agent's binary, which every container has for its probes. */
export const AGENT_MOUNT: MountPoint = { sourceVolume: "agent", containerPath: AGENT_FOLDER, readOnly: true };

/** Where the writer sees the volumes. */
export function writerMounts(volumes: TaskVolumes): MountPoint[] {
  return volumes.prepared.map(({ name }) => {
    return { sourceVolume: name, containerPath: `${VOLUMES}/${name}`, readOnly: false };
  });
}
