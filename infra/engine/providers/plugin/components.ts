/**
 * What the program asks of components that a plugin makes, as the plugin is asked.
 */
import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import { CallRequest, ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import type { RegisterResourceRequest, ResourceCallRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { RunDescription } from "../../provider";
import { ORGANIZATION } from "../../state/backend";

/** Which run it is, and where its parts are registered. */
function describeRun(request: ConstructRequest | CallRequest, run: RunDescription, address: string): void {
  request.setProject(run.project);
  request.setStack(run.stack);
  request.setOrganization(ORGANIZATION);
  request.setDryrun(run.preview);
  request.setParallel(run.parallel);
  request.setMonitorendpoint(address);
  request.setAcceptsOutputValues(true);
  for (const [key, { value, secret }] of Object.entries(run.configuration)) {
    request.getConfigMap().set(key, value);
    if (secret) request.addConfigsecretkeys(key);
  }
}

export function constructRequest(
  asked: RegisterResourceRequest,
  parent: string,
  run: RunDescription,
  address: string,
): ConstructRequest {
  const request = new ConstructRequest();
  describeRun(request, run, address);
  request.setType(asked.getType());
  request.setName(asked.getName());
  request.setParent(parent);
  request.setInputs(asked.getObject());
  for (const [key, list] of asked.getPropertydependenciesMap().entries()) {
    const dependencies = new ConstructRequest.PropertyDependencies();
    dependencies.setUrnsList(list.getUrnsList());
    request.getInputdependenciesMap().set(key, dependencies);
  }
  for (const [name, reference] of asked.getProvidersMap().entries()) {
    request.getProvidersMap().set(name, reference);
  }
  const urns = asked.getAliasurnsList().map((urn) => {
    const alias = new Alias();
    alias.setUrn(urn);
    return alias;
  });
  request.setAliasesList([...asked.getAliasesList(), ...urns]);
  request.setDependenciesList(asked.getDependenciesList());
  request.setAdditionalsecretoutputsList(asked.getAdditionalsecretoutputsList());
  request.setIgnorechangesList(asked.getIgnorechangesList());
  request.setReplaceonchangesList(asked.getReplaceonchangesList());
  request.setReplaceWithList(asked.getReplaceWithList());
  request.setReplacementTrigger(asked.getReplacementTrigger());
  request.setDeletedwith(asked.getDeletedwith());
  if (asked.hasProtect()) request.setProtect(asked.getProtect()!);
  if (asked.hasRetainondelete()) request.setRetainondelete(asked.getRetainondelete()!);
  if (asked.getDeletebeforereplacedefined()) request.setDeletebeforereplace(asked.getDeletebeforereplace());
  copyTimeouts(asked, request);
  copyHooks(asked, request);
  return request;
}

function copyTimeouts(asked: RegisterResourceRequest, request: ConstructRequest): void {
  const timeouts = asked.getCustomtimeouts();
  if (!timeouts) return;
  const copy = new ConstructRequest.CustomTimeouts();
  copy.setCreate(timeouts.getCreate());
  copy.setUpdate(timeouts.getUpdate());
  copy.setDelete(timeouts.getDelete());
  request.setCustomtimeouts(copy);
}

function copyHooks(asked: RegisterResourceRequest, request: ConstructRequest): void {
  const hooks = asked.getHooks();
  if (!hooks) return;
  const copy = new ConstructRequest.ResourceHooksBinding();
  copy.setBeforeCreateList(hooks.getBeforeCreateList());
  copy.setAfterCreateList(hooks.getAfterCreateList());
  copy.setBeforeUpdateList(hooks.getBeforeUpdateList());
  copy.setAfterUpdateList(hooks.getAfterUpdateList());
  copy.setBeforeDeleteList(hooks.getBeforeDeleteList());
  copy.setAfterDeleteList(hooks.getAfterDeleteList());
  request.setResourceHooks(copy);
}

export function callRequest(asked: ResourceCallRequest, run: RunDescription, address: string): CallRequest {
  const request = new CallRequest();
  describeRun(request, run, address);
  request.setTok(asked.getTok());
  request.setArgs(asked.getArgs());
  for (const [key, list] of asked.getArgdependenciesMap().entries()) {
    const dependencies = new CallRequest.ArgumentDependencies();
    dependencies.setUrnsList(list.getUrnsList());
    request.getArgdependenciesMap().set(key, dependencies);
  }
  return request;
}
