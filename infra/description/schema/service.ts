import { z } from "zod";
import { sized } from "../units";
import { container, namedContainer, sidecar } from "./container";
import { autoscaling, replicas } from "./scaling";
import { number, text } from "./terms";

const port = z
  .strictObject({
    port: number,
    name: text.optional(),
    protocol: z.enum(["http", "grpc", "tcp"]).optional(),
    scheme: text.optional(),
  })
  .meta({ id: "PortArgs" });

export const service = sized({
  extends: text
    .optional()
    .describe("Name of the template whose fields this one has where it says nothing else."),
  ...container,
  ports: z.array(z.union([number, port])).optional(),
  replicas: replicas(1000).optional(),
  calls: z
    .array(text)
    .optional()
    .describe(
      "Services that it calls, each as `name` or `name:port`: their addresses are in its and its sidecars' environment as `<NAME>_URL`. May go in circles.",
    ),
  startAfter: z.array(text).optional().describe("Services that are healthy before it starts; no circles."),
  sidecars: z.array(sidecar).optional(),
  initContainers: z.array(namedContainer).optional(),
  tasks: z.array(namedContainer).optional(),
  metadata: z.record(text, text).optional(),
  platformCredentials: z.boolean().optional(),
  autoscaling: autoscaling
    .optional()
    .describe("Metrics that move the replicas, at least one; `replicas` must then be a range."),
}).meta({ id: "MicroserviceArgs" });
