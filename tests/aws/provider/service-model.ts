/** Shapes of AWS's requests, from the models that botocore brings along. */
import * as fs from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";

export interface Shape {
  type: string;
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  value?: { shape: string };
  enum?: string[];
}

interface Model {
  operations: Record<string, { input?: { shape: string } }>;
  shapes: Record<string, Shape>;
}

export class ServiceModel {
  private static readonly loaded = new Map<string, ServiceModel>();

  private constructor(private readonly model: Model) {}

  /** @param packages folder that has botocore */
  static of(packages: string, service: string): ServiceModel {
    const model = ServiceModel.loaded.get(service) ?? new ServiceModel(load(packages, service));
    ServiceModel.loaded.set(service, model);
    return model;
  }

  /** Name of the shape of an operation's parameters. */
  input(operation: string): string {
    const found = this.model.operations[operation];
    if (found === undefined) {
      throw new Error(`There is no operation ${operation}.`);
    }
    return found.input?.shape ?? "";
  }

  shape(name: string): Shape {
    return this.model.shapes[name] ?? { type: "structure", members: {} };
  }

  /** The member of a structure that a name of Pulumi's means, e.g. `VpcId` for `vpcId`. */
  member(shape: string, name: string): string | undefined {
    const members = Object.keys(this.shape(shape).members ?? {});
    const wanted = [name, `${name}s`, name.replace(/s$/, ""), name.replace(/ies$/, "y")].map((each) =>
      each.toLowerCase(),
    );
    const found = wanted.map((each) => members.find((member) => member.toLowerCase() === each));
    return members.find((member) => member === name) ?? found.find((member) => member !== undefined);
  }
}

function load(packages: string, service: string): Model {
  const folder = path.join(packages, "botocore", "data", service);
  const version = fs.readdirSync(folder).sort().at(-1)!;
  return JSON.parse(gunzipSync(fs.readFileSync(path.join(folder, version, "service-2.json.gz"))).toString());
}
