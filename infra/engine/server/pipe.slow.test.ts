import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { DESCRIPTOR, ENGINE_ADDRESS } from "../host/pipe-clients.cjs";
import { fromStruct, toStruct } from "../wire/struct";
import type { ServedServices } from "./methods";
import { serveByPipe } from "./pipe";
import { NOT_FOUND, StatusError } from "./status";

const PRELOAD = path.join(__dirname, "../host/preload.cjs");

const logged: string[] = [];

const SERVICES: ServedServices = {
  ResourceMonitor: {
    registerResource: {
      Request: RegisterResourceRequest,
      answer: async (message) => {
        const request = message as RegisterResourceRequest;
        const response = new RegisterResourceResponse();
        response.setUrn(`urn:${request.getName()}`);
        const given = fromStruct(request.getObject());
        const dependencies = request.getPropertydependenciesMap().get("big")?.getUrnsList();
        response.setObject(toStruct({ ...given, length: given.big.length, dependencies }));
        return response;
      },
    },
    registerResourceOutputs: {
      Request: RegisterResourceOutputsRequest,
      answer: async (message) => {
        const urn = (message as RegisterResourceOutputsRequest).getUrn();
        if (urn === "missing") throw new StatusError(NOT_FOUND, `There is no resource ${urn}.`);
        if (urn === "broken") throw new Error("boom");
        return new Empty();
      },
    },
  },
  Engine: {
    log: {
      Request: LogRequest,
      answer: async (message) => {
        logged.push((message as LogRequest).getMessage());
        return new Empty();
      },
    },
  },
};

/** What a program prints that calls the monitor by the SDK's own client; it ends by itself. */
async function program(code: string, serve = (pipe: Duplex) => serveByPipe(pipe, SERVICES)): Promise<string> {
  const setUp = `
    require("@pulumi/pulumi");
    const { credentials } = require("@grpc/grpc-js");
    const { ResourceMonitorClient } = require("@pulumi/pulumi/proto/resource_grpc_pb");
    const messages = require("@pulumi/pulumi/proto/resource_pb");
    const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
    const monitor = new ResourceMonitorClient("${ENGINE_ADDRESS}", credentials.createInsecure());
    const told = (method, request, client = monitor) => new Promise((resolve) =>
      client[method](request, (error, answer) => resolve(error ? error.code + " " + error.details : answer)));
    const outputs = (urn) => { const request = new messages.RegisterResourceOutputsRequest(); request.setUrn(urn); return request; };`;
  const stdio = ["ignore", "pipe", "pipe", "overlapped"] as const;
  const child = spawn(
    process.execPath,
    ["--require", PRELOAD, "-e", `${setUp}\nvoid (async () => {${code}})();`],
    {
      stdio: [...stdio],
      cwd: __dirname,
      timeout: 60_000,
    },
  );
  serve(child.stdio[DESCRIPTOR] as Duplex);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, "exit"),
  ]);
  assert.deepEqual([stderr, exitCode], ["", 0]);
  return stdout.trim();
}

suite("the pipe between the engine and the program", { concurrency: 2 }, () => {
  test("takes a message there and its answer back, whole", async () => {
    const printed = await program(`
      const request = new messages.RegisterResourceRequest();
      request.setName("a");
      request.setObject(Struct.fromJavaScript({ big: "ä".repeat(1_000_000), list: [1.5, null, { no: false }] }));
      const dependencies = new messages.RegisterResourceRequest.PropertyDependencies();
      dependencies.setUrnsList(["x", "y"]);
      request.getPropertydependenciesMap().set("big", dependencies);
      const answer = await told("registerResource", request);
      const { big, ...rest } = answer.getObject().toJavaScript();
      console.log(answer.getUrn(), big === "ä".repeat(1_000_000), JSON.stringify(rest));
    `);
    assert.equal(
      printed,
      'urn:a true {"dependencies":["x","y"],"length":1000000,"list":[1.5,null,{"no":false}]}',
    );
  });

  test("tells a failure with its code, and what nobody serves", async () => {
    const printed = await program(`
      for (const urn of ["there", "missing", "broken"]) {
        const answer = await told("registerResourceOutputs", outputs(urn));
        console.log(typeof answer === "string" ? answer : answer.toArray().length);
      }
      console.log(await told("invoke", new messages.ResourceInvokeRequest()));
    `);
    assert.deepEqual(printed.split("\n"), [
      "0",
      "5 There is no resource missing.",
      "2 boom",
      "12 The embedded engine does not serve /pulumirpc.ResourceMonitor/Invoke.",
    ]);
  });

  test("has calls fail when the engine is gone, those on their way and those that follow", async () => {
    const printed = await program(
      `console.log(await told("registerResourceOutputs", outputs("there")));
       console.log(await told("registerResourceOutputs", outputs("there")));`,
      (pipe) => pipe.once("data", () => pipe.destroy()),
    );
    assert.equal(printed, "14 The engine has ended.\n14 The engine has ended.");
  });

  test("takes messages there, but for those for debugging, which no run shows", async () => {
    await program(`
      const pulumi = require("@pulumi/pulumi");
      const { resetOptions } = require("@pulumi/pulumi/runtime/settings");
      resetOptions("project", "stack", 1, "${ENGINE_ADDRESS}", "${ENGINE_ADDRESS}", false, "organization");
      await Promise.all([pulumi.log.debug("hidden"), pulumi.log.info("shown"), pulumi.log.warn("shown, too")]);
    `);
    assert.deepEqual(logged, ["shown", "shown, too"]);
  });

  test("leaves other services to gRPC", async () => {
    const printed = await program(`
      const elsewhere = new ResourceMonitorClient("127.0.0.1:1", credentials.createInsecure());
      console.log((await told("registerResourceOutputs", outputs("there"), elsewhere)).split(" ")[0], elsewhere.constructor.name);
      elsewhere.close();
    `);
    assert.equal(printed, "14 ServiceClientImpl");
  });
});
