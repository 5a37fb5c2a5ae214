/** What a described gateway refers to: services, secrets and files. */
import * as fs from "node:fs";
import { member, type Problems } from "../components/problems";
import type { Architecture } from "./architecture";

/** How references are looked up; each records what is wrong. */
export interface References {
  /** A service's port that speaks http or grpc, named by the `field` of what stands `at`. */
  target(at: string, field: string, service: string, port: string | undefined): void;
  /** A service's port, whatever it speaks. */
  anyTarget(at: string, field: string, service: string, port: string | undefined): void;
  /** The secrets that a content stands for. */
  secrets(at: string, content: string): void;
}

export function checkGatewayReferences(
  problems: Problems,
  { gateway }: Architecture,
  { target, anyTarget, secrets }: References,
): void {
  for (const [name, way] of Object.entries(gateway.authentication ?? {})) {
    const at = member("gateway.authentication", name);
    const { jwt, basic, apiKey, external } = way;
    if (jwt?.jwks.service !== undefined) {
      target(`${at}.jwt.jwks`, "service", jwt.jwks.service, jwt.jwks.port);
    }
    if (external !== undefined) {
      target(`${at}.external`, "service", external.service, external.port);
    }
    for (const [user, { password }] of Object.entries(basic?.users ?? {})) {
      secrets(`${member(`${at}.basic.users`, user)}.password`, password);
    }
    for (const [client, { key }] of Object.entries(apiKey?.clients ?? {})) {
      secrets(`${member(`${at}.apiKey.clients`, client)}.key`, key);
    }
  }
  gateway.routes.forEach(({ split = [], mirror, to }, index) => {
    const at = `gateway.routes[${index}]`;
    split.forEach((share, position) => {
      if (share.to !== undefined || (share.port !== undefined && to !== undefined)) {
        target(`${at}.split[${position}]`, "to", share.to ?? to!, share.port);
      }
    });
    if (mirror !== undefined) {
      target(`${at}.mirror`, "to", mirror.to, mirror.port);
    }
  });
  gateway.tcp?.forEach(({ to, port }, index) => {
    anyTarget(`gateway.tcp[${index}]`, "to", to, port);
  });
  checkCertificateFiles(problems, gateway.tls ?? {});
}

function checkCertificateFiles(problems: Problems, tls: NonNullable<Architecture["gateway"]["tls"]>): void {
  const { certificateFile, privateKeyFile, names } = tls;
  if ((certificateFile === undefined) !== (privateKeyFile === undefined)) {
    const missing = certificateFile === undefined ? "certificateFile" : "privateKeyFile";
    const fix = "Give both, or none.";
    problems.add(`gateway.tls.${missing}`, "must be given beside the other one", undefined, fix);
  }
  for (const field of ["certificateFile", "privateKeyFile"] as const) {
    const file = tls[field];
    if (file !== undefined && !fs.existsSync(file)) {
      const fix = "Write its path, from the project's folder.";
      problems.add(`gateway.tls.${field}`, "must be a file that exists", file, fix);
    }
  }
  if (certificateFile !== undefined && names !== undefined) {
    problems.add("gateway.tls.names", "goes with a generated certificate only", names, "Take it out.");
  }
}
