import type { input } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec, Hardening } from "../../container-spec";

type Container = input.core.v1.Container;

/** A container as Kubernetes is asked for it, but for its probes and its place in the replica. */
export function podContainer(
  spec: ContainerSpec,
  cpuRequestPercent: number,
  mounts: input.core.v1.VolumeMount[],
): Container {
  const { cpuMillicores, memoryMiB } = spec.resources;
  const request = Math.max(1, Math.floor((cpuMillicores * cpuRequestPercent) / 100));
  const memory = `${memoryMiB}Mi`;
  const variables = Object.entries(spec.environment).map(([name, value]) => ({
    name,
    value: literal(value),
  }));
  return {
    name: spec.name,
    image: spec.image,
    // Every reference says by itself which content it means.
    imagePullPolicy: "IfNotPresent",
    command: spec.entrypoint?.map(literal),
    args: spec.command?.map(literal),
    env: variables.length === 0 ? undefined : variables,
    resources: {
      limits: { cpu: `${cpuMillicores}m`, memory },
      requests: { cpu: `${request}m`, memory },
    },
    securityContext: securityContext(spec.hardening),
    volumeMounts: mounts,
  };
}

function securityContext(hardening: Hardening): input.core.v1.SecurityContext {
  const { runAsUser, addCapabilities, allowPrivilegeEscalation, readOnlyRootFilesystem } = hardening;
  return {
    runAsNonRoot: runAsUser !== 0,
    runAsUser,
    runAsGroup: runAsUser,
    allowPrivilegeEscalation,
    readOnlyRootFilesystem,
    capabilities: { drop: ["ALL"], ...(addCapabilities.length > 0 ? { add: addCapabilities } : {}) },
    seccompProfile: { type: hardening.seccompProfile === "unconfined" ? "Unconfined" : "RuntimeDefault" },
  };
}

/** Kubernetes would put the value of a variable in the place of `$(NAME)`; no other target does. */
function literal(value: pulumi.Input<string>): pulumi.Input<string> {
  const escaped = (text: string): string => text.replace(/\$(?=[$(])/g, "$$$$");
  return typeof value === "string" ? escaped(value) : pulumi.output(value).apply(escaped);
}
