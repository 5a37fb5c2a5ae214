import * as path from "node:path";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import type { input } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { FileSpec } from "../../container-spec";
import { byFolder } from "../shared/file-folders";
import type { KubernetesHost } from "./host";

/** Most that a ConfigMap or a Secret holds. */
const MOST_BYTES = 1024 * 1024;

/** Files as a container mounts them, and the objects that must exist before it starts. */
export interface WrittenFiles {
  volumes: input.core.v1.Volume[];
  mounts: input.core.v1.VolumeMount[];
  objects: pulumi.Resource[];
}

/** Whose files are written. */
export interface FileOwner {
  /** Unique within the platform; starts the names of the objects. */
  owner: string;
  /** Unique within a replica; starts the names of the volumes, which have at most 63 characters. */
  volume: string;
  /** Undefined: files of several workloads. */
  workload?: string;
}

/** A file with its key in the object that holds it. */
interface Entry {
  key: string;
  file: FileSpec;
}

/** An object that holds files. */
interface Holder {
  name: pulumi.Input<string>;
  entries: Entry[];
  object: pulumi.Resource;
}

/**
 * Writes files into a ConfigMap, and secret ones into a Secret. Each is mounted by itself, so that its folder keeps what the
 * image has there, and the objects are named by their content, so that a change of it rolls the replicas. Live files are
 * mounted by their folder from objects of constant name: only so do running containers see a change.
 */
export function writeFiles(
  host: KubernetesHost,
  owner: FileOwner,
  files: FileSpec[],
  parent: pulumi.Resource,
): WrittenFiles {
  const folders = [...byFolder(owner.owner, files)];
  const entries = files.map((file, index) => ({ key: keyOf(file, index), file }));
  const holders = [false, true].flatMap((live) =>
    [false, true].map((secret) => {
      const own = entries.filter(({ file }) => file.live === live && file.secret === secret);
      return own.length === 0 ? [] : [holder(host, owner, own, parent)];
    }),
  );
  const [plain, secret, livePlain, liveSecret] = holders;
  const fixed = [...plain, ...secret];
  const liveFolders = folders.filter(([, [first]]) => first.live);
  const { volume } = owner;
  return {
    objects: holders.flat().map(({ object }) => object),
    volumes: [
      ...(fixed.length === 0 ? [] : [projection(`${volume}-files`, plain, secret, ({ key }) => key)]),
      ...liveFolders.map(([folder], index) => {
        const inside = (all: Holder[]): Holder[] => all.flatMap((one) => within(one, folder));
        const basename = ({ file }: Entry): string => path.posix.basename(file.path);
        return projection(`${volume}-live-${index}`, inside(livePlain), inside(liveSecret), basename);
      }),
    ],
    mounts: [
      ...fixed.flatMap((one) =>
        one.entries.map(({ key, file }) => {
          return { name: `${volume}-files`, mountPath: file.path, subPath: key, readOnly: true };
        }),
      ),
      ...liveFolders.map(([folder], index) => {
        return { name: `${volume}-live-${index}`, mountPath: folder, readOnly: true };
      }),
    ],
  };
}

/** No object without entries: it would be mounted with all that it holds. */
function within(one: Holder, folder: string): Holder[] {
  const entries = one.entries.filter(({ file }) => path.posix.dirname(file.path) === folder);
  return entries.length === 0 ? [] : [{ ...one, entries }];
}

function keyOf(file: FileSpec, index: number): string {
  return `${index}-${path.posix.basename(file.path).replace(/[^-._a-zA-Z0-9]/g, "_")}`;
}

/** Files of one kind, in the object for it. */
function holder(
  host: KubernetesHost,
  { owner, workload }: FileOwner,
  entries: Entry[],
  parent: pulumi.Resource,
): Holder {
  const { live, secret } = entries[0].file;
  const part = `${live ? "live" : "files"}${secret ? "-secret" : ""}`;
  const resource = `${owner}-${part}`;
  const contents = pulumi.all(entries.map(({ file }) => file.content)).apply((texts) => {
    checkSize(owner, entries, texts);
    return texts;
  });
  const data = contents.apply((texts) =>
    Object.fromEntries(entries.map(({ key }, index) => [key, secret ? base64(texts[index]) : texts[index]])),
  );
  const name = live ? resource : pulumi.interpolate`${resource}-${host.digest(contents)}`;
  const metadata = host.metadata(name, workload);
  const immutable = live ? undefined : true;
  const options = host.options(parent);
  const object = secret
    ? new Secret(resource, { metadata, type: "Opaque", immutable, data: pulumi.secret(data) }, options)
    : new ConfigMap(resource, { metadata, immutable, data }, options);
  return { name, entries, object };
}

function projection(
  name: string,
  plain: Holder[],
  secret: Holder[],
  place: (entry: Entry) => string,
): input.core.v1.Volume {
  const source = (one: Holder) => ({
    name: one.name,
    items: one.entries.map((entry) => {
      return { key: entry.key, path: place(entry), mode: Number.parseInt(entry.file.mode, 8) };
    }),
  });
  const sources = [
    ...plain.map((one) => ({ configMap: source(one) })),
    ...secret.map((one) => ({ secret: source(one) })),
  ];
  return { name, projected: { sources } };
}

function checkSize(owner: string, entries: Entry[], texts: string[]): void {
  const bytes = texts.reduce((total, text) => total + Buffer.byteLength(text), 0);
  if (bytes > MOST_BYTES) {
    const paths = entries.map(({ file }) => file.path).join(", ");
    const rule = `hold ${bytes} bytes together, and Kubernetes keeps at most ${MOST_BYTES}`;
    throw new pulumi.RunError(`${owner}: its files ${paths} ${rule}. Put them into the image or a volume.`);
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
