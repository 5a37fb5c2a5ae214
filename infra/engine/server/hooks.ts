/**
 * The program's resource hooks, called over the wire.
 */
import {
  type RegisterResourceHookRequest,
  ResourceHookRequest,
  ResourceHookResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import type { Hook, HookKind } from "../deployment/hooks";
import { urnName } from "../deployment/urn";
import type { ResourceRecord } from "../state/records";
import { toStruct } from "../wire/struct";
import type { Callbacks } from "./callbacks";

export function remoteHook(request: RegisterResourceHookRequest, callbacks: Callbacks): Hook {
  return {
    inPreview: request.getOnDryRun(),
    ignoreErrors: request.getIgnoreErrors(),
    async call(kind, resource, old) {
      const answer = await callbacks.invoke(request.getCallback()!, message(kind, resource, old));
      return ResourceHookResponse.deserializeBinary(answer).getError();
    },
  };
}

function message(
  kind: HookKind,
  resource: ResourceRecord,
  old: ResourceRecord | undefined,
): ResourceHookRequest {
  const request = new ResourceHookRequest();
  request.setUrn(resource.urn);
  request.setId(resource.id ?? "");
  request.setName(urnName(resource.urn));
  request.setType(resource.type);
  if (!kind.endsWith("Delete")) {
    request.setNewInputs(toStruct(resource.inputs));
    if (kind.startsWith("After")) request.setNewOutputs(toStruct(resource.outputs));
  }
  if (old) {
    request.setOldInputs(toStruct(old.inputs));
    request.setOldOutputs(toStruct(old.outputs));
  }
  return request;
}
