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

/** The SDK takes whatever runs it for Pulumi's CLI, and an update of that would not help here. */
const LACKS = /The Pulumi CLI does not support (.+?)\. Please update the Pulumi CLI\.?/g;

export class EngineService {
  constructor(private readonly deployment: Deployment) {}

  log(request: LogRequest): void {
    const severity = SEVERITIES[request.getSeverity()]; // none for debug messages
    if (!severity) return;
    const message = request
      .getMessage()
      .trimEnd()
      .replace(LACKS, "The embedded engine does not support $1. Deploy with Pulumi's CLI (--engine pulumi).");
    this.deployment.context.reporter.diagnostic(severity, message, request.getUrn());
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
