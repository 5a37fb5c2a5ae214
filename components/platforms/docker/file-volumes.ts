import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { FileSpec } from "../../container-spec";
import { byFolder } from "../shared/file-folders";
import type { DockerHost } from "./host";

/** Files as a container mounts them, and what must exist before it starts. */
export interface FileVolumes {
  mounts: docker.types.input.ContainerVolume[];
  writers: pulumi.Resource[];
}

/**
 * Writes files into volumes, one for each folder, by containers that are never started: a read-only root takes no
 * upload, and the content shows up in no inspection. The writer has the reading container's image, so that the volume
 * first takes over what that image has in the folder.
 */
export function fileVolumes(
  host: DockerHost,
  name: string,
  image: pulumi.Input<string>,
  files: FileSpec[],
  parent: pulumi.Resource,
): FileVolumes {
  const volumes = [...byFolder(name, files)].map(([folder, own]) =>
    writtenVolume(host, name, image, folder, own, parent),
  );
  return { mounts: volumes.map(({ mount }) => mount), writers: volumes.map(({ writer }) => writer) };
}

function writtenVolume(
  host: DockerHost,
  owner: string,
  image: pulumi.Input<string>,
  folder: string,
  files: FileSpec[],
  parent: pulumi.Resource,
) {
  const live = files.some((file) => file.live);
  // A live volume keeps its name, so that running containers see the new content; any other is named by its content.
  const place = createHash("sha256").update(folder).digest("hex").slice(0, 6);
  const content = host.digest({
    image,
    files: files.map(({ path: file, content: text, mode }) => ({ file, text, mode })),
  });
  const name = `${owner}-files-${place}`;
  const volume = new docker.Volume(
    name,
    {
      name: live ? `${host.prefix}-${name}` : pulumi.interpolate`${host.prefix}-${name}-${content}`,
      labels: host.labels(),
    },
    host.options(parent, { deleteBeforeReplace: false }),
  );
  const writer = new docker.Container(
    `${name}-writer`,
    {
      image,
      // Never run; an image without an entry point could not be made into a container otherwise.
      entrypoints: ["-"],
      start: false,
      mustRun: false,
      networkMode: "none",
      volumes: [{ volumeName: volume.name, containerPath: folder }],
      uploads: files.map(({ path: file, content, mode, secret }) => ({
        file,
        content: secret ? pulumi.secret(content) : content,
        permissions: mode,
      })),
      labels: host.labels({ "flotilla.files": owner }),
    },
    host.options(parent, { deleteBeforeReplace: false }),
  );
  return { mount: { volumeName: volume.name, containerPath: folder, readOnly: true }, writer };
}
