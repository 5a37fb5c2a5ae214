import { dirname } from "node:path/posix";
import type * as pulumi from "@pulumi/pulumi";
import { checkBuild } from "./check-build";
import { checkPlainSecrets } from "./check-secrets";
import type { ContainerSpec, LogRotation, UlimitSpec, VolumeSpec } from "./container-spec";
import {
  AGENT_FOLDER,
  checkFilePath,
  checkFolderPath,
  checkImageReference,
  checkName,
  checkUnique,
  checkWhole,
  oneOf,
} from "./fields";
import { checkHardening, type HardeningArgs, hardeningSpec } from "./hardening";
import { type ImageName, images } from "./images";
import type { ImageCredentials, Platform } from "./platform";
import { checkProbe, type ProbeArgs, probeSpec } from "./probe";
import { member, type Problems } from "./problems";

/** An image built from source. */
export interface BuildArgs {
  /** Folder sent to the builder, relative to the program's working directory, or absolute. */
  context: string;
  /** Path within the context. @default "Dockerfile" */
  dockerfile?: string;
  /** Values of the Dockerfile's `ARG`s. @default - `ARG NODE_IMAGE` and the like get the catalogue's image */
  args?: Record<string, string>;
  /** Stage to build. @default - the last one */
  target?: string;
  /** Operating system and processor, e.g. `"linux/arm64"`. @default - the target's own */
  platform?: string;
}

/** A file with more than its content said. */
export interface FileArgs {
  /** The whole text. */
  content: pulumi.Input<string>;
  /** Octal permission bits; the file belongs to root. @default "0444" */
  mode?: string;
  /** Lets running containers see a new content without a restart. @default false */
  live?: boolean;
}

/** A volume and where the container sees it. */
export interface VolumeArgs {
  /**
   * Absolute path inside the container. Where the image has that folder, a new volume of either kind starts with its content
   * and owner: set `hardening.runAsUser` to that owner.
   */
  path: string;
  /** `persistent` outlives the replica and follows it; `ephemeral` is memory that goes with it. @default "ephemeral" */
  kind?: "ephemeral" | "persistent";
  /**
   * Upper bound in MiB, 1 to 1048576; local Docker bounds ephemeral volumes only.
   * @default - 64 for ephemeral, the target's own for persistent
   */
  sizeMiB?: number;
  /** Lets the container only read. @default false */
  readOnly?: boolean;
}

/** What every container of a workload has: the main one, sidecars, init containers and tasks. */
export interface ContainerArgs {
  /** Ready-made image with its version, or `catalogue:redis` for one of `images.ts`. @default - `build` */
  image?: pulumi.Input<string>;
  /** Folder with a Dockerfile, or the whole description of a build. @default - `image` */
  build?: string | BuildArgs;
  /** Credentials where `image` is private. @default - none */
  imageCredentials?: ImageCredentials;
  /** Replaces the image's entry point. @default - the image's */
  entrypoint?: pulumi.Input<string>[];
  /** Arguments of the entry point. @default - the image's */
  command?: pulumi.Input<string>[];
  /**
   * Environment variables. A secret given here is visible to whoever may inspect the container: prefer `secretFiles`.
   * @default {}
   */
  environment?: Record<string, pulumi.Input<string>>;
  /** Files by absolute path, as text or with mode. A file's folder keeps what the image has there. @default {} */
  files?: Record<string, pulumi.Input<string> | FileArgs>;
  /** Files whose content shows up in no log, process list or inspection. @default {} */
  secretFiles?: Record<string, pulumi.Input<string>>;
  /** Volumes by name. @default {} */
  volumes?: Record<string, VolumeArgs>;
  /** Upper bound in thousandths of a core, 10 to 128000. @default 500 */
  cpuMillicores?: number;
  /** Upper bound in MiB, 6 to 1048576. @default 256 */
  memoryMiB?: number;
  /** Limits by setrlimit name, e.g. `{ nofile: { soft: 65536, hard: 65536 } }`. @default {} */
  ulimits?: Record<string, { soft: number; hard: number }>;
  /** How the container is asked whether it can serve. @default - not asked */
  probe?: ProbeArgs;
  /** Seconds between SIGTERM and SIGKILL, 0 to 120. @default 30 */
  stopGraceSeconds?: number;
  /** What happens when the process ends by itself. @default "always" */
  restart?: "always" | "on-failure" | "never";
  /** How much output the host keeps: files of 1 to 10240 MiB, 1 to 100 of them. @default { maxSizeMiB: 10, maxFiles: 3 } */
  logRotation?: Partial<LogRotation>;
  /** Opt-outs from the strict defaults, one each. @default {} */
  hardening?: HardeningArgs;
}

/** A container with a name beside the main one. */
export interface NamedContainerArgs extends ContainerArgs {
  /** Unique within the workload. */
  name: string;
}

/** Limits that a container may set, by their names in setrlimit(2). */
const ULIMITS = [
  ...["core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice"],
  ...["nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"],
];

/** Records everything that is wrong with a container's arguments; `path` is "" for the main container. */
export function checkContainer(
  problems: Problems,
  path: string,
  args: ContainerArgs,
  hasPort: boolean,
): void {
  const at = (field: string): string => (path === "" ? field : `${path}.${field}`);
  if ((args.image === undefined) === (args.build === undefined)) {
    const got = args.image === undefined ? [] : ["image", "build"];
    problems.add(
      [at("image"), at("build")],
      "must be given, and not both",
      got,
      'Write build: "services/users".',
    );
  }
  if (typeof args.image === "string") {
    const name = cataloguedName(args.image);
    if (name === undefined) {
      checkImageReference(problems, at("image"), args.image);
    } else if (!Object.hasOwn(images, name)) {
      const fix = oneOf(name, Object.keys(images), (known) => `"catalogue:${known}"`);
      problems.add(at("image"), "must name an image of the catalogue", args.image, fix);
    }
  }
  if (args.build !== undefined) {
    checkBuild(problems, at("build"), args.build);
  }
  for (const name of Object.keys(args.environment ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      const fix = `Write "${name.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^(?=\d|$)/, "_")}".`;
      const rule = "must be named by letters, digits and underscores";
      problems.add(member(at("environment"), name), rule, name, fix);
    }
  }
  checkPlainSecrets(problems, at, args);
  for (const [file, value] of Object.entries(args.files ?? {})) {
    const place = member(at("files"), file);
    checkFilePath(problems, place, file);
    const mode = fileArgs(value).mode;
    if (mode !== undefined && !/^0[0-7]{3}$/.test(mode)) {
      problems.add(`${place}.mode`, "must be four octal digits", mode, 'Write "0444".');
    }
    if (file in (args.secretFiles ?? {})) {
      problems.add(place, "must not be among secretFiles too", file, "Keep one of the two.");
    }
  }
  for (const file of Object.keys(args.secretFiles ?? {})) {
    checkFilePath(problems, member(at("secretFiles"), file), file);
  }
  checkMounts(problems, at, args);
  const mounted = ["/tmp", ...Object.values(args.volumes ?? {}).map((volume) => volume.path)];
  for (const field of ["files", "secretFiles"] as const) {
    for (const file of Object.keys(args[field] ?? {})) {
      if (mounted.includes(dirname(file))) {
        const rule = "must not lie directly in /tmp or a volume";
        problems.add(member(at(field), file), rule, file, "Put it in a folder of its own.");
      }
    }
  }
  for (const [name, volume] of Object.entries(args.volumes ?? {})) {
    const place = member(at("volumes"), name);
    checkName(problems, place, name);
    checkFolderPath(problems, `${place}.path`, volume.path);
    const size = { min: 1, max: 1048576, unit: "MiB" };
    checkWhole(problems, `${place}.sizeMiB`, volume.sizeMiB, size);
  }
  checkWhole(problems, at("cpuMillicores"), args.cpuMillicores, { min: 10, max: 128000, unit: "millicores" });
  checkWhole(problems, at("memoryMiB"), args.memoryMiB, { min: 6, max: 1048576, unit: "MiB" });
  checkWhole(problems, at("stopGraceSeconds"), args.stopGraceSeconds, { min: 0, max: 120, unit: "seconds" });
  for (const [name, limit] of Object.entries(args.ulimits ?? {})) {
    const place = member(at("ulimits"), name);
    if (!ULIMITS.includes(name)) {
      problems.add(place, "is no limit of setrlimit", name, oneOf(name, ULIMITS));
    }
    for (const bound of ["soft", "hard"] as const) {
      const range = { min: 0, max: Number.MAX_SAFE_INTEGER, unit: "" };
      checkWhole(problems, `${place}.${bound}`, limit[bound], range);
    }
    if (limit.soft > limit.hard) {
      problems.add(`${place}.soft`, "must not exceed hard", limit.soft, `Write ${limit.hard}.`);
    }
  }
  checkWhole(problems, at("logRotation.maxSizeMiB"), args.logRotation?.maxSizeMiB, {
    min: 1,
    max: 10240,
    unit: "MiB",
  });
  checkWhole(problems, at("logRotation.maxFiles"), args.logRotation?.maxFiles, {
    min: 1,
    max: 100,
    unit: "",
  });
  checkHardening(problems, at("hardening"), args.hardening ?? {});
  if (args.probe !== undefined) {
    checkProbe(problems, at("probe"), args.probe, hasPort);
  }
}

/** Each folder of files and each volume is a mount: none may hide another, or the agent's own. */
function checkMounts(problems: Problems, at: (field: string) => string, args: ContainerArgs): void {
  const files = (["files", "secretFiles"] as const).flatMap((field) =>
    Object.keys(args[field] ?? {}).map((file) => ({
      path: member(at(field), file),
      folder: dirname(file),
    })),
  );
  const volumes = Object.entries(args.volumes ?? {}).map(([name, { path }]) => {
    return { path: `${member(at("volumes"), name)}.path`, folder: path };
  });
  const folders = new Set([AGENT_FOLDER, ...[...files, ...volumes].map(({ folder }) => folder)]);
  for (const { path, folder } of [...files, ...volumes]) {
    const outer = [...folders].find((other) => folder.startsWith(`${other}/`));
    if (folder === AGENT_FOLDER || outer !== undefined) {
      const rule = `must not lie in ${outer ?? folder}, which is mounted as a whole`;
      problems.add(path, rule, folder, "Write a path beside it.");
    }
  }
  const places = volumes.map(({ path, folder }) => ({ path, value: folder }));
  checkUnique(problems, places, "Write another path.");
}

/** Image of a container, built or pulled by the platform. `owner` is the component that it belongs to. */
export function containerImage(
  platform: Platform,
  name: string,
  args: ContainerArgs,
  owner: pulumi.Resource,
): pulumi.Input<string> {
  if (args.build === undefined) {
    const catalogued = typeof args.image === "string" ? cataloguedName(args.image) : undefined;
    const reference = catalogued === undefined ? args.image! : platform.catalogued(catalogued as ImageName);
    return platform.pull(name, reference, args.imageCredentials, owner);
  }
  const build: BuildArgs = typeof args.build === "string" ? { context: args.build } : args.build;
  return platform.image(
    name,
    { ...build, dockerfile: build.dockerfile ?? "Dockerfile", args: build.args ?? {} },
    owner,
  );
}

/** The container with every default filled in. */
export function containerSpec(
  name: string,
  image: pulumi.Input<string>,
  args: ContainerArgs,
  firstPort: number | undefined,
): ContainerSpec {
  const files = Object.entries(args.files ?? {}).map(([path, value]) => {
    const { content, mode, live } = fileArgs(value);
    return { path, content, mode: mode ?? "0444", secret: false, live: live ?? false };
  });
  const secretFiles = Object.entries(args.secretFiles ?? {}).map(([path, content]) => {
    return { path, content, mode: "0444", secret: true, live: false };
  });
  return {
    name,
    image,
    entrypoint: args.entrypoint,
    command: args.command,
    environment: args.environment ?? {},
    files: [...files, ...secretFiles],
    bundles: [],
    mounts: Object.entries(args.volumes ?? {}).map(([volume, { path, readOnly }]) => {
      return { volume, path, readOnly: readOnly ?? false };
    }),
    resources: { cpuMillicores: args.cpuMillicores ?? 500, memoryMiB: args.memoryMiB ?? 256 },
    ulimits: Object.entries(args.ulimits ?? {}).map(
      ([limit, bounds]): UlimitSpec => ({ name: limit, ...bounds }),
    ),
    hardening: hardeningSpec(args.hardening),
    probe: args.probe === undefined ? undefined : probeSpec(args.probe, firstPort),
    stopGraceSeconds: args.stopGraceSeconds ?? 30,
    restart: args.restart ?? "always",
    logRotation: { maxSizeMiB: 10, maxFiles: 3, ...args.logRotation },
  };
}

/** The volumes that a workload's containers name, each once; what one of them says holds for all. */
export function volumeSpecs(containers: ContainerArgs[]): VolumeSpec[] {
  const volumes = new Map<string, Pick<VolumeArgs, "kind" | "sizeMiB">>();
  for (const [name, { kind, sizeMiB }] of containers.flatMap((one) => Object.entries(one.volumes ?? {}))) {
    const known = volumes.get(name);
    volumes.set(name, { kind: known?.kind ?? kind, sizeMiB: known?.sizeMiB ?? sizeMiB });
  }
  return [...volumes].map(([name, { kind = "ephemeral", sizeMiB }]) => {
    return { name, kind, sizeMiB: sizeMiB ?? (kind === "ephemeral" ? 64 : undefined) };
  });
}

function cataloguedName(image: string): string | undefined {
  return image.startsWith("catalogue:") ? image.slice("catalogue:".length) : undefined;
}

function fileArgs(value: pulumi.Input<string> | FileArgs): FileArgs {
  const whole = typeof value === "object" && "content" in value;
  return whole ? (value as FileArgs) : { content: value as pulumi.Input<string> };
}
