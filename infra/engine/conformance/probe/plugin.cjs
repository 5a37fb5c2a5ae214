// @ts-nocheck: it speaks to the generated stubs, most of which have no types in JavaScript
/**
 * The provider of the conformance programs, as a plugin that both engines can start. Its cloud is the JSON file that
 * PROBE_CLOUD names, in which each call that changes something is noted. See thing.ts for what its inputs do.
 */
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const grpc = require("@grpc/grpc-js");
const { Any } = require("google-protobuf/google/protobuf/any_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
const plugins = require("@pulumi/pulumi/proto/plugin_pb");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb");
const messages = require("@pulumi/pulumi/proto/provider_pb");
const { Status } = require("@pulumi/pulumi/proto/status_pb");
const { construct } = require("./component.cjs");
const { isDeepStrictEqual } = require("node:util");

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const REPLACING = ["immutable", "immutableReference"];

const cloudFile = process.env.PROBE_CLOUD;
const cloud = () =>
  existsSync(cloudFile) ? JSON.parse(readFileSync(cloudFile, "utf8")) : { made: {}, objects: {}, calls: [] };

function changeCloud(call, change) {
  const now = cloud();
  const result = change(now);
  now.calls.push(`${call} ${result}`);
  writeFileSync(cloudFile, JSON.stringify(now));
  return result;
}

const open = (value) => {
  if (Array.isArray(value)) return value.map(open);
  if (value === null || typeof value !== "object") return value;
  if (value[SIGNATURE] === SECRET) return open(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, open(part)]));
};
const read = (struct) => struct?.toJavaScript() ?? {};
const struct = (properties) => Struct.fromJavaScript(properties);

let configuration = {};

function outputsOf(id, inputs, preview) {
  const { value } = inputs;
  const known = preview ? UNKNOWN : id;
  return {
    ...inputs,
    arn: preview ? UNKNOWN : `arn:${known}`,
    ...(value === undefined
      ? {}
      : { echo: open(value) === UNKNOWN ? UNKNOWN : `echo-${JSON.stringify(open(value))}` }),
    ...(configuration.prefix ? { prefix: configuration.prefix } : {}),
    password: { [SIGNATURE]: SECRET, value: preview ? UNKNOWN : `password-of-${known}` },
  };
}

function failure(list, Message) {
  return list.map(({ property, reason }) => {
    const message = new Message();
    message.setProperty(property);
    message.setReason(reason);
    return message;
  });
}

class HalfMade extends Error {
  constructor(name, properties, id = name) {
    super(`${name} is not healthy`);
    const detail = new messages.ErrorResourceInitFailed();
    detail.setId(id);
    detail.setProperties(struct(properties));
    detail.setReasonsList([`${name} does not answer`]);
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(this.message);
    status.addDetails(any);
    this.metadata = new grpc.Metadata();
    this.metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
}

function differences(old, next) {
  const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
  return [...keys].filter((key) => !isDeepStrictEqual(open(old[key]), open(next[key]))).sort();
}

const methods = {
  handshake() {
    const response = new messages.ProviderHandshakeResponse();
    response.setAcceptSecrets(true);
    return response;
  },
  checkConfig(request) {
    const response = new messages.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  },
  diffConfig(request) {
    const response = new messages.DiffResponse();
    const keys = differences(read(request.getOldInputs()), read(request.getNews()));
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    response.setChanges(keys.length > 0 ? DIFF_SOME : DIFF_NONE);
    response.setDiffsList(keys);
    response.setReplacesList(keys.filter((key) => key === "region"));
    return response;
  },
  configure(request) {
    configuration = open(read(request.getArgs()));
    const response = new messages.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  },
  check(request) {
    const response = new messages.CheckResponse();
    const [old, next] = [read(request.getOlds()), read(request.getNews())];
    const label = next.label ?? old.label ?? `${request.getUrn().split("::").at(-1)}-label`;
    response.setInputs(struct({ ...next, label }));
    if (next.fail === "check") {
      response.setFailuresList(
        failure([{ property: "fail", reason: "must not be check" }], messages.CheckFailure),
      );
    }
    return response;
  },
  diff(request) {
    const response = new messages.DiffResponse();
    const [old, next] = [read(request.getOldInputs()), read(request.getNews())];
    if (next.fail === "diff") throw new Error("cannot compare");
    const keys = differences(old, next);
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    response.setChanges(keys.length > 0 ? DIFF_SOME : DIFF_NONE);
    response.setDiffsList(keys);
    const replaces = keys.filter((key) => REPLACING.includes(key));
    response.setReplacesList(replaces);
    response.setDeletebeforereplace(open(next.deleteBeforeReplace) === true);
    response.setStablesList(["arn"]);
    if (next.detailed) {
      response.setHasdetaileddiff(true);
      for (const key of keys) {
        const difference = new messages.PropertyDiff();
        const { ADD, DELETE, UPDATE, ADD_REPLACE, DELETE_REPLACE, UPDATE_REPLACE } =
          messages.PropertyDiff.Kind;
        const kinds = replaces.includes(key)
          ? [ADD_REPLACE, DELETE_REPLACE, UPDATE_REPLACE]
          : [ADD, DELETE, UPDATE];
        difference.setKind(key in old ? (key in next ? kinds[2] : kinds[1]) : kinds[0]);
        difference.setInputdiff(true);
        response.getDetaileddiffMap().set(key, difference);
      }
    }
    return response;
  },
  create(request) {
    const response = new messages.CreateResponse();
    const inputs = read(request.getProperties());
    if (request.getPreview()) {
      response.setProperties(struct(outputsOf("", inputs, true)));
      return response;
    }
    const name = request.getUrn().split("::").at(-1);
    if (inputs.fail === "create") throw new Error(`quota exceeded for ${name}`);
    const quoted = JSON.stringify(open(inputs));
    if (inputs.fail === "quote") throw new Error(`refused: ${quoted}`);
    const id = changeCloud("create", (now) => {
      now.made[name] = (now.made[name] ?? 0) + 1;
      const made = `${name}-${now.made[name]}`;
      now.objects[made] = open(inputs);
      return made;
    });
    if (inputs.fail === "partial") throw new HalfMade(id, outputsOf(id, inputs));
    if (inputs.fail === "partial-quote") throw new HalfMade(`${id} of ${quoted}`, outputsOf(id, inputs), id);
    response.setId(id);
    response.setProperties(struct(outputsOf(id, inputs)));
    return response;
  },
  read(request) {
    const response = new messages.ReadResponse();
    const found = cloud().objects[request.getId()];
    if (!found) return response;
    const asked = read(request.getInputs());
    // what was secret stays so
    const inputs = Object.fromEntries(
      Object.entries(found).map(([key, value]) => [
        key,
        isDeepStrictEqual(open(asked[key]), value) ? asked[key] : value,
      ]),
    );
    response.setId(request.getId());
    response.setInputs(struct(inputs));
    response.setProperties(struct(outputsOf(request.getId(), inputs)));
    return response;
  },
  update(request) {
    const response = new messages.UpdateResponse();
    const inputs = read(request.getNews());
    if (!request.getPreview()) {
      if (inputs.fail === "update") throw new Error(`cannot update ${request.getId()}`);
      changeCloud("update", (now) => {
        now.objects[request.getId()] = open(inputs);
        return request.getId();
      });
    }
    const before = read(request.getOlds());
    response.setProperties(struct({ ...outputsOf(request.getId(), inputs), arn: before.arn }));
    return response;
  },
  delete(request) {
    if (read(request.getOldInputs()).fail === "delete") throw new Error(`cannot delete ${request.getId()}`);
    changeCloud("delete", (now) => {
      delete now.objects[request.getId()];
      return request.getId();
    });
    return new Empty();
  },
  invoke(request) {
    const response = new messages.InvokeResponse();
    const args = open(read(request.getArgs()));
    if (request.getTok() !== "probe:index:echo") throw new Error(`There is no function ${request.getTok()}.`);
    if (args.text === undefined) {
      response.setFailuresList(failure([{ property: "text", reason: "is required" }], messages.CheckFailure));
    }
    response.setReturn(struct({ echo: `echo-${args.text}`, prefix: configuration.prefix ?? "" }));
    return response;
  },
  construct: (request) => construct(request),
  call(request) {
    const response = new messages.CallResponse();
    const { greeting } = open(read(request.getArgs()));
    response.setReturn(struct({ text: `${greeting}, said ${request.getTok()}` }));
    return response;
  },
  cancel: () => new Empty(),
  getPluginInfo() {
    const info = new plugins.PluginInfo();
    info.setVersion("1.0.0");
    return info;
  },
};

const server = new grpc.Server();
const handlers = Object.entries(methods).map(([name, serve]) => [
  name,
  async (call, respond) => {
    try {
      respond(null, await serve(call.request));
    } catch (error) {
      respond({ code: grpc.status.UNKNOWN, details: error.message, metadata: error.metadata });
    }
  },
]);
server.addService(ResourceProviderService, Object.fromEntries(handlers));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
