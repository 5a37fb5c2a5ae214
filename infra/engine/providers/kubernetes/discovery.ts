/** Where the API server keeps each kind of object, asked once for each API version. */
import type { Api } from "./api";
import { unlessMissing } from "./errors";
import type { Identity } from "./objects";

/** A kind as the server serves it. */
export interface ServedKind {
  apiVersion: string;
  kind: string;
  /** As in URLs, e.g. `deployments`. */
  plural: string;
  namespaced: boolean;
}

export class Discovery {
  private readonly versions = new Map<string, Promise<ServedKind[]>>();

  constructor(private readonly api: Api) {}

  /** Undefined while the server does not know the kind: its definition may come later. */
  async find(apiVersion: string, kind: string): Promise<ServedKind | undefined> {
    const known = (await this.kinds(apiVersion)).find((each) => each.kind === kind);
    if (known) return known;
    this.versions.delete(apiVersion);
    return (await this.kinds(apiVersion)).find((each) => each.kind === kind);
  }

  private kinds(apiVersion: string): Promise<ServedKind[]> {
    let kinds = this.versions.get(apiVersion);
    if (!kinds) {
      kinds = this.ask(apiVersion);
      this.versions.set(apiVersion, kinds);
      kinds.catch(() => this.versions.delete(apiVersion));
    }
    return kinds;
  }

  private async ask(apiVersion: string): Promise<ServedKind[]> {
    const answer = await unlessMissing(this.api.request(rootPath(apiVersion)));
    const resources: { name: string; kind: string; namespaced: boolean }[] = answer?.resources ?? [];
    return resources
      .filter(({ name }) => !name.includes("/")) // the others are parts of an object, e.g. pods/log
      .map(({ name, kind, namespaced }) => ({ apiVersion, kind, plural: name, namespaced }));
  }
}

function rootPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Path of all objects of a kind, in one namespace or in the whole cluster. */
export function listPath({ apiVersion, plural, namespaced }: ServedKind, namespace?: string): string {
  const scope = namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${rootPath(apiVersion)}${scope}/${plural}`;
}

export function objectPath(
  served: ServedKind,
  { namespace, name }: Pick<Identity, "namespace" | "name">,
): string {
  return `${listPath(served, namespace)}/${encodeURIComponent(name)}`;
}
