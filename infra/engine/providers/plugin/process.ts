/**
 * The process of a provider plugin, and the connection to it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { credentials, type handleUnaryCall, type ServiceError, status } from "@grpc/grpc-js";
import { type IResourceProviderServer, ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { PartialCreateError } from "../../provider";
import { fromStruct } from "../../wire/struct";
import type { Command } from "./locate";

const MAXIMUM_MESSAGE_BYTES = 400 * 1024 * 1024;

/** How long a plugin may take until it says its port. */
const START_SECONDS = 60;

/** How many of its last lines are told when a plugin ends by itself. */
const LAST_LINES = 20;

/** What a method of the protocol takes and answers. */
type Methods = {
  [Name in keyof IResourceProviderServer]: IResourceProviderServer[Name] extends handleUnaryCall<
    infer Request,
    infer Response
  >
    ? (request: Request) => Response
    : never;
};
type RequestOf<Name extends keyof Methods> = Parameters<Methods[Name]>[0];
type UnaryMethod<Request, Response> = (
  request: Request,
  callback: (error: ServiceError | null, response: Response) => void,
) => unknown;
type ResponseOf<Name extends keyof Methods> = ReturnType<Methods[Name]>;

export interface PluginProcessOptions {
  command: Command;
  /** Of the package, for messages. */
  name: string;
  directory: string;
  /** Of the engine's services. */
  address: string;
  environment: Record<string, string>;
  /** Takes each line that the plugin prints beside its port. */
  onLine(line: string): void;
}

export class PluginProcess {
  private readonly client: ResourceProviderClient;

  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
    port: number,
    private readonly lastLines: string[],
  ) {
    this.client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAXIMUM_MESSAGE_BYTES,
      "grpc.max_send_message_length": MAXIMUM_MESSAGE_BYTES,
    });
  }

  static async start(options: PluginProcessOptions): Promise<PluginProcess> {
    const { command, name, directory, address, environment, onLine } = options;
    const [program, ...args] = command;
    const child = spawn(program, [...args, address], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // as the program: Ctrl-C is for the engine to tell
      windowsHide: true,
      env: { ...process.env, ...environment },
    });
    const lastLines: string[] = [];
    const note = (line: string) => {
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      onLine(line);
    };
    const output = createInterface({ input: child.stdout! });
    createInterface({ input: child.stderr! }).on("line", note);
    const problem = (what: string) => new Error([`The plugin ${program} ${what}`, ...lastLines].join("\n"));
    const port = await new Promise<number>((resolve, reject) => {
      const late = setTimeout(
        () => reject(problem(`did not say its port within ${START_SECONDS} s.`)),
        START_SECONDS * 1000,
      );
      child.once("error", (error) => reject(problem(`cannot be started: ${error.message}`)));
      child.once("close", (code) => reject(problem(`ended with exit code ${code} before it said its port.`)));
      output.once("line", (line) => {
        clearTimeout(late);
        output.on("line", note);
        if (/^\d+$/.test(line.trim())) resolve(Number(line));
        else reject(problem(`printed ${JSON.stringify(line)} in the place of its port.`));
      });
    }).catch((error) => {
      child.kill();
      throw error;
    });
    return new PluginProcess(child, name, port, lastLines);
  }

  /** Calls a method; its failure is told in the plugin's own words. */
  call<Name extends keyof Methods>(method: Name, request: RequestOf<Name>): Promise<ResponseOf<Name>> {
    const client = this.client as unknown as Record<Name, UnaryMethod<RequestOf<Name>, ResponseOf<Name>>>;
    return new Promise((resolve, reject) => {
      client[method](request, (error, response) => {
        if (error) reject(this.translate(error));
        else resolve(response);
      });
    });
  }

  /** As `call`, for a method that a plugin need not have; undefined when it has not. */
  async callIfThere<Name extends keyof Methods>(
    method: Name,
    request: RequestOf<Name>,
  ): Promise<ResponseOf<Name> | undefined> {
    try {
      return await this.call(method, request);
    } catch (error) {
      if (error instanceof NotImplemented) return undefined;
      throw error;
    }
  }

  close(): void {
    this.client.close();
    this.child.kill();
  }

  private translate(error: ServiceError): Error {
    if (error.code === status.UNIMPLEMENTED) return new NotImplemented(error.details);
    if (error.code === status.UNAVAILABLE && this.child.exitCode !== null) {
      const told = [
        `The plugin ${this.name} ended with exit code ${this.child.exitCode}.`,
        ...this.lastLines,
      ];
      return new Error(told.join("\n"));
    }
    const failure = initializationFailure(error);
    if (!failure) return new Error(error.details || error.message);
    const reasons = failure.getReasonsList();
    const words = [error.details, ...reasons.filter((reason) => !error.details.includes(reason))];
    const state = { id: failure.getId(), outputs: fromStruct(failure.getProperties()) };
    return new PartialCreateError(words.filter(Boolean).join("\n"), state, reasons);
  }
}

/** A method that the plugin lacks. */
export class NotImplemented extends Error {}

/** What a plugin says of a resource that was made but is not as asked; it travels beside the error. */
function initializationFailure(error: ServiceError): ErrorResourceInitFailed | undefined {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!bytes || typeof bytes === "string") return undefined;
  for (const detail of Status.deserializeBinary(bytes).getDetailsList()) {
    if (detail.getTypeName() === "pulumirpc.ErrorResourceInitFailed") {
      return ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    }
  }
  return undefined;
}
