import { z } from "zod";
import { sized } from "../units";
import { number, text } from "./terms";

const probedPort = number.optional().describe("Port to ask, 1 to 65535. Default: the first of the service.");

const probe = sized({
  http: z.strictObject({ path: text.describe("Path to get, from `/` on."), port: probedPort }).optional(),
  grpc: z
    .strictObject({
      port: probedPort,
      service: text
        .optional()
        .describe("Name of the gRPC service to ask about. Default: the server as a whole."),
    })
    .optional(),
  tcp: z.strictObject({ port: probedPort }).optional(),
  exec: z.strictObject({ command: z.array(text).describe("Program and its arguments.") }).optional(),
  intervalSeconds: number.optional(),
  timeoutSeconds: number.optional(),
  retries: number.optional(),
  startPeriodSeconds: number.optional(),
}).meta({ id: "ProbeArgs" });

const build = z
  .strictObject({
    context: text,
    dockerfile: text.optional(),
    args: z.record(text, text).optional(),
    target: text.optional(),
    platform: text.optional(),
  })
  .meta({ id: "BuildArgs" });

const hardening = z
  .strictObject({
    runAsUser: number.optional(),
    writableRootFilesystem: z.boolean().optional(),
    addCapabilities: z.array(text).optional(),
    allowPrivilegeEscalation: z.boolean().optional(),
    seccompProfile: text.optional(),
  })
  .meta({ id: "HardeningArgs" });

const file = z
  .strictObject({ content: text, mode: text.optional(), live: z.boolean().optional() })
  .meta({ id: "FileArgs" });

const volume = sized({
  path: text,
  kind: z.enum(["ephemeral", "persistent"]).optional(),
  sizeMiB: number.optional(),
  readOnly: z.boolean().optional(),
}).meta({ id: "VolumeArgs" });

/** The fields of any container. */
export const container = {
  image: text.optional(),
  build: z.union([text, build]).optional(),
  entrypoint: z.array(text).optional(),
  command: z.array(text).optional(),
  environment: z.record(text, text).optional(),
  files: z.record(text, z.union([text, file])).optional(),
  secretFiles: z
    .record(text, text)
    .optional()
    .describe(
      "Files whose content shows up in no log, process list or inspection; `{{name}}` in a content stands for the secret of that name.",
    ),
  volumes: z.record(text, volume).optional(),
  cpuMillicores: number.optional(),
  memoryMiB: number.optional(),
  ulimits: z
    .record(
      text,
      z.strictObject({
        soft: number.describe("Limit that holds."),
        hard: number.describe("Limit up to which the process may raise the soft one."),
      }),
    )
    .optional(),
  probe: probe.optional(),
  stopGraceSeconds: number.optional(),
  restart: z.enum(["always", "on-failure", "never"]).optional(),
  logRotation: sized({
    maxSizeMiB: number.optional().describe("MiB at which a file is full, 1 to 10240."),
    maxFiles: number.optional().describe("Files that are kept, 1 to 100."),
  }).optional(),
  hardening: hardening.optional(),
};

const named = { ...container, name: text };

export const namedContainer = sized(named).meta({ id: "NamedContainerArgs" });

export const sidecar = sized({ ...named, order: z.enum(["before", "after"]).optional() }).meta({
  id: "SidecarArgs",
});
