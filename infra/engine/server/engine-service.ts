/**
 * The service that the program logs to: Pulumi's Engine.
 */
import {
  GetRootResourceResponse,
  type LogRequest,
  LogSeverity,
  RequirePulumiVersionResponse,
  type SetRootResourceRequest,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import type { Deployment } from "../deployment/deployment";
import type { Diagnostic } from "../events";

const SEVERITIES: Partial<Record<LogSeverity, Diagnostic["severity"]>> = {
  [LogSeverity.INFO]: "info",
  [LogSeverity.WARNING]: "warning",
  [LogSeverity.ERROR]: "error",
};

export class EngineService {
  constructor(private readonly deployment: Deployment) {}

  log(request: LogRequest): void {
    const severity = SEVERITIES[request.getSeverity()]; // none for debug messages
    if (!severity) return;
    this.deployment.context.reporter.diagnostic(severity, request.getMessage().trimEnd(), request.getUrn());
  }

  getRootResource(): GetRootResourceResponse {
    const response = new GetRootResourceResponse();
    response.setUrn(this.deployment.registrar.rootUrn);
    return response;
  }

  setRootResource(request: SetRootResourceRequest): SetRootResourceResponse {
    this.deployment.registrar.rootUrn = request.getUrn();
    return new SetRootResourceResponse();
  }

  /** Every version range is taken for fulfilled: it speaks of Pulumi's CLI. */
  requirePulumiVersion(): RequirePulumiVersionResponse {
    return new RequirePulumiVersionResponse();
  }
}
