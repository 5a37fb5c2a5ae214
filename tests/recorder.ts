/** Runs a program against mocks and records every resource that it registers. */
import * as pulumi from "@pulumi/pulumi";
import { calledAws, computedByAws } from "./fake-aws";

export interface Recorded {
  type: string;
  name: string;
  /** What the program passed, secrets as {@link revealed} knows them. */
  inputs: Record<string, unknown>;
  parent: string;
  /** URNs of the resources that it waits for. */
  dependsOn: string[];
  deleteBeforeReplace: boolean;
  /** Properties that no update touches. */
  ignoreChanges: string[];
  /** Names of the program's functions that run before it is made. */
  beforeCreate: string[];
}

/** What the recorder needs of a registration: the request of Pulumi's own protocol. */
interface Registration {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getHooks(): { getBeforeCreateList(): string[] } | undefined;
}

/** Collects what is registered from the moment it is made; the one that was made last gets what follows. */
export class Recorder {
  readonly resources: Recorded[] = [];
  private readonly outputs = new Map<string, Record<string, unknown>>();

  constructor(project = "flotilla", stack = "test") {
    // Pulumi keeps a stack for every promise; mapped to the sources, they would take most of a test's time.
    process.setSourceMapsEnabled(false);
    Error.stackTraceLimit = 1;
    const inputsOf = new Map<string, Record<string, unknown>>();
    const key = (type: string, name: string): string => `${type} ${name}`;
    void pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          inputsOf.set(key(type, name), inputs);
          const computed = computedByAws(type, name, inputs) ?? this.computed(type, name);
          return { id: `${name}-id`, state: { ...inputs, ...computed } };
        },
        call: ({ token }) => calledAws(token),
      },
      project,
      stack,
      false,
    );
    const monitor = pulumi.runtime.getMonitor() as unknown as {
      registerResource(request: Registration, callback: unknown): Promise<void>;
      registerResourceHook(request: unknown, callback: (error: null) => void): void;
    };
    // Pulumi's mocks know no hooks; as nothing is really made, none would be called.
    monitor.registerResourceHook = (_request, callback) => callback(null);
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = async (request, callback) => {
      const [type, name] = [request.getType(), request.getName()];
      const recorded: Recorded = {
        type,
        name,
        inputs: {},
        parent: request.getParent(),
        dependsOn: request.getDependenciesList(),
        deleteBeforeReplace: request.getDeletebeforereplace(),
        ignoreChanges: request.getIgnorechangesList(),
        beforeCreate: request.getHooks()?.getBeforeCreateList() ?? [],
      };
      this.resources.push(recorded);
      await register(request, callback);
      recorded.inputs = inputsOf.get(key(type, name)) ?? {};
    };
  }

  /** All registered resources of a type, e.g. `docker:index/container:Container`, by name. */
  byName(type: string): Map<string, Record<string, unknown>> {
    return new Map(this.all(type).map(({ name, inputs }) => [name, inputs]));
  }

  /** All registered resources of a type. */
  all(type: string): Recorded[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The one registered resource of a type and name. */
  one(type: string, name: string): Recorded {
    const found = this.all(type).filter((resource) => resource.name === name);
    if (found.length !== 1) {
      throw new Error(`${found.length} resources ${type} "${name}"`);
    }
    return found[0];
  }

  /** Makes the provider compute these outputs for one resource. */
  compute(type: string, name: string, outputs: Record<string, unknown>): void {
    this.outputs.set(`${type} ${name}`, outputs);
  }

  /** What the real providers would compute and the components read. */
  private computed(type: string, name: string): Record<string, unknown> {
    const values: Record<string, Record<string, unknown>> = {
      "random:index/randomPassword:RandomPassword": { result: pulumi.secret(`secret-of-${name}`) },
      "tls:index/privateKey:PrivateKey": {
        privateKeyPem: pulumi.secret(`key-of-${name}`),
        privateKeyPemPkcs8: pulumi.secret(`key-of-${name}`),
      },
      "tls:index/selfSignedCert:SelfSignedCert": { certPem: `authority-of-${name}` },
      "tls:index/locallySignedCert:LocallySignedCert": { certPem: `certificate-of-${name}` },
      "docker:index/remoteImage:RemoteImage": { imageId: `id-of-${name}` },
      "docker:index/registryImage:RegistryImage": { sha256Digest: `sha256:digest-of-${name}` },
      "docker:index/container:Container": { exitCode: 0, containerLogs: "" },
    };
    return { ...values[type], ...this.outputs.get(`${type} ${name}`) };
  }
}

/** Names of the resources that URNs stand for. */
export function names(urns: string[]): string[] {
  return urns.map((urn) => urn.split("::").at(-1)!).sort();
}

/** Resolves once everything registered so far, and what follows from it, is done. */
export async function settled(): Promise<void> {
  await pulumi.runtime.disconnect();
}

/** The value of an Output. */
export function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

const SECRET_MARK = "4dabf18193072939515e22adb298388d";

/** A recorded value that Pulumi would store encrypted, in plain; undefined where it is no secret. */
export function revealed(value: unknown): unknown {
  const secret = typeof value === "object" && value !== null && SECRET_MARK in value;
  return secret ? (value as { value?: unknown }).value : undefined;
}

/** What a program fails with inside its Outputs; Pulumi tells that by rejections that nobody handles. */
export async function failuresOf(program: () => unknown): Promise<string[]> {
  const messages = new Set<string>();
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => messages.add(String((reason as Error)?.message ?? reason)));
  try {
    await program();
    await settled();
    // Rejections are told after the microtasks.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) {
      process.on("unhandledRejection", listener);
    }
  }
  return [...messages];
}
