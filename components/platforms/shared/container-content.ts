import type { ContainerSpec, SidecarSpec } from "../../container-spec";

/** A container as far as a change of it must roll its workload: not what is written into it while it runs, nor what it waits for. */
export function containerContent(container: ContainerSpec | SidecarSpec): unknown {
  const { startAfter: _, ...content } = container as SidecarSpec;
  return { ...content, files: content.files.map((file) => (file.live ? { ...file, content: "" } : file)) };
}
