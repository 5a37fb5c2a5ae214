/** Deploys single workloads on an ECS platform of mocks. */
import { failuresOf, Recorder, settled } from "../../../tests/recorder";
import { Gateway, Microservice, type MicroserviceArgs, Registry } from "../..";
import { EcsPlatform, type EcsPlatformArgs } from ".";

export type Args = Partial<Omit<MicroserviceArgs, "platform" | "registry">>;

/** What becomes of one service, and of a gateway in front of it. */
export async function deployed(service: Args, platform: Partial<EcsPlatformArgs> = {}): Promise<Recorder> {
  const recorder = new Recorder();
  deploy(service, platform);
  await settled();
  return recorder;
}

/** The same, with what it fails with once the program has run through. */
export async function failing(service: Args, more: (users: Microservice) => void): Promise<string[]> {
  new Recorder();
  return failuresOf(() => more(deploy(service, {})));
}

export function deploy(service: Args, args: Partial<EcsPlatformArgs>): Microservice {
  const platform = new EcsPlatform("shop", { region: "eu-central-1", ...args });
  const registry = new Registry("registry", { platform, kind: "native" });
  const image = "registry.example.com/users:1";
  const users = new Microservice("users", { image, ports: [8080], ...service, platform, registry });
  new Gateway("edge", { platform, registry, routes: [{ path: "/users", to: users }], port: 443 });
  return users as unknown as Microservice;
}

/** Containers of a task definition, by name. */
export function containers(recorder: Recorder, name: string): Record<string, Record<string, unknown>> {
  const { inputs } = recorder.one("aws:ecs/taskDefinition:TaskDefinition", `${name}-definition`);
  const list = JSON.parse(inputs.containerDefinitions as string) as { name: string }[];
  return Object.fromEntries(list.map((one) => [one.name, one]));
}
