/** Functions of Lambda, and that they are called. */
import type { AwsType } from "../aws-type";

export const functions: Record<string, AwsType> = {
  "aws:lambda/function:Function": {
    service: "lambda",
    create: ["CreateFunction", {}],
    rename: { name: "FunctionName", code: "Code.ZipFile" },
    ignore: ["publish", "skipDestroy"],
    id: "{inputs.name}",
    read: ["GetFunction", { FunctionName: "{id}" }, "Configuration"],
    update: ["UpdateFunctionConfiguration", { FunctionName: "{id}" }],
    replace: ["name"],
    also: [
      {
        inputs: ["code"],
        onlyUpdates: true,
        call: ["UpdateFunctionCode", { FunctionName: "{id}", ZipFile: "{value}" }],
      },
    ],
    delete: [["DeleteFunction", { FunctionName: "{id}" }]],
    retag: ["TagResource", { Resource: "{outputs.arn}", Tags: "{value}" }],
    named: ["name"],
    outputs: { arn: "FunctionArn", codeSha256: "CodeSha256" },
    ready: ({ State }) => State === "Active" || `It is ${State}`,
  },
  "aws:lambda/invocation:Invocation": {
    service: "lambda",
    create: ["Invoke", {}],
    rename: { functionName: "FunctionName", input: "Payload" },
    ignore: ["triggers"],
    id: "{inputs.functionName}_$LATEST",
    failed: ["FunctionError", "Payload"],
    created: { result: "Payload" },
    read: ["GetFunction", { FunctionName: "{inputs.functionName}" }, "Configuration"],
    replace: ["functionName", "input", "triggers"],
    delete: [],
  },
};
