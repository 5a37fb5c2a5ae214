// @ts-nocheck: it speaks to the generated stubs, most of which have no types in JavaScript
/** The component of the probe's plugin: a thing of its own below it, registered with the engine's monitor. */
const grpc = require("@grpc/grpc-js");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
const { ConstructResponse } = require("@pulumi/pulumi/proto/provider_pb");
const { ResourceMonitorClient } = require("@pulumi/pulumi/proto/resource_grpc_pb");
const {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} = require("@pulumi/pulumi/proto/resource_pb");

exports.construct = async (request) => {
  const monitor = new ResourceMonitorClient(request.getMonitorendpoint(), grpc.credentials.createInsecure());
  const send = (method, message) =>
    new Promise((resolve, reject) => {
      monitor[method](message, (error, response) => (error ? reject(error) : resolve(response)));
    });

  const own = new RegisterResourceRequest();
  own.setType(request.getType());
  own.setName(request.getName());
  own.setParent(request.getParent());
  own.setObject(request.getInputs());
  own.setProtect(request.getProtect());
  own.setDependenciesList(request.getDependenciesList());
  own.setAliasesList(request.getAliasesList());
  own.setAcceptsecrets(true);
  const component = await send("registerResource", own);

  const part = new RegisterResourceRequest();
  part.setType("probe:index:Thing");
  part.setName(`${request.getName()}-part`);
  part.setParent(component.getUrn());
  part.setCustom(true);
  part.setObject(request.getInputs());
  part.setProvider(request.getProvidersMap().get("probe") ?? "");
  part.setAcceptsecrets(true);
  part.setVersion("1.0.0");
  const made = await send("registerResource", part);

  const state = Struct.fromJavaScript({ arn: made.getObject().toJavaScript().arn ?? null });
  const outputs = new RegisterResourceOutputsRequest();
  outputs.setUrn(component.getUrn());
  outputs.setOutputs(state);
  await send("registerResourceOutputs", outputs);
  monitor.close();

  const response = new ConstructResponse();
  response.setUrn(component.getUrn());
  response.setState(state);
  return response;
};
