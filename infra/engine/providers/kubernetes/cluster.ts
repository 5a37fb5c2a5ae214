/** One cluster as one configured provider sees it: objects read, applied and deleted. */
import type { Properties } from "../../provider";
import { Api, type ApiRequest } from "./api";
import { Discovery, objectPath, type ServedKind } from "./discovery";
import { heldByOthers, unlessMissing } from "./errors";
import type { ClusterAccess } from "./kubeconfig";
import { describe, type Identity } from "./objects";
import { Watches } from "./watches";

export interface ApplyOptions {
  fieldManager: string;
  /** Takes fields over that other managers hold. */
  force: boolean;
  /** Has the server say what would be, and nothing more. */
  dryRun?: boolean;
  signal: AbortSignal;
}

export class Cluster {
  readonly api: Api;
  readonly discovery: Discovery;
  readonly watches: Watches;

  constructor(readonly access: ClusterAccess) {
    this.api = new Api(access);
    this.discovery = new Discovery(this.api);
    this.watches = new Watches(this.api);
  }

  /** Throws when the server does not know the kind. */
  async served({ apiVersion, kind }: Pick<Identity, "apiVersion" | "kind">): Promise<ServedKind> {
    const served = await this.discovery.find(apiVersion, kind);
    if (served) return served;
    throw new UnknownKind(
      `The cluster has no ${kind} in ${apiVersion}. Make its CustomResourceDefinition first (dependsOn), or correct \`apiVersion\`.`,
    );
  }

  /** The live object, or undefined; also when the server does not know its kind any more. */
  async get(identity: Identity, signal?: AbortSignal): Promise<Properties | undefined> {
    const served = await this.discovery.find(identity.apiVersion, identity.kind);
    return served && unlessMissing(this.api.request(objectPath(served, identity), { signal }));
  }

  /** Brings the fields of `object` about by server-side apply; those that `fieldManager` asks for no more go. */
  async apply(
    identity: Identity,
    object: Properties,
    { fieldManager, force, dryRun, signal }: ApplyOptions,
  ): Promise<Properties> {
    const path = objectPath(await this.served(identity), identity);
    const query = { fieldManager, force, dryRun: dryRun ? "All" : undefined };
    try {
      return await this.api.request(path, {
        ...{ method: "PATCH", query, body: object, signal },
        contentType: "application/apply-patch+yaml", // JSON is YAML
      });
    } catch (error) {
      const held = heldByOthers(error);
      if (held.length === 0) throw error;
      throw new Error(
        `${describe(identity)} has fields that others hold: ${held.join("; ")}. Leave them out, or set the annotation pulumi.com/patchForce: "true" to take them over.`,
        { cause: error },
      );
    }
  }

  /** Replaces the record of who holds which fields, if nobody has changed the object meanwhile. */
  async handOver(
    identity: Identity,
    live: Properties,
    managedFields: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    await this.api.request(objectPath(await this.served(identity), identity), {
      ...{ method: "PATCH", contentType: "application/json-patch+json", signal },
      body: [
        { op: "replace", path: "/metadata/managedFields", value: managedFields },
        { op: "replace", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion },
      ],
    });
  }

  /** Asks for the object to go; what is left of it, or undefined when it is gone. */
  async delete(
    identity: Identity,
    propagationPolicy: string,
    signal: AbortSignal,
  ): Promise<Properties | undefined> {
    const served = await this.discovery.find(identity.apiVersion, identity.kind);
    if (!served) return undefined;
    const request: ApiRequest = { method: "DELETE", body: { propagationPolicy }, signal };
    const answer = await unlessMissing(this.api.request(objectPath(served, identity), request));
    return answer?.kind === "Status" ? undefined : answer;
  }
}

/** The server does not know the kind; it may learn of it. */
export class UnknownKind extends Error {}
