/** For tests: an API server in this process, with the little of server-side apply that the provider relies on. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import type { CallContext, Properties, Provider } from "../../../provider";
import { isObject } from "../../../wire/values";
import { differences } from "../difference";
import { createKubernetesProvider } from "../index";

const KINDS: Record<string, Record<string, [kind: string, namespaced: boolean]>> = {
  v1: {
    namespaces: ["Namespace", false],
    configmaps: ["ConfigMap", true],
    secrets: ["Secret", true],
    services: ["Service", true],
    pods: ["Pod", true],
  },
  "apps/v1": { deployments: ["Deployment", true] },
  "discovery.k8s.io/v1": { endpointslices: ["EndpointSlice", true] },
};
const ROUTE =
  /^\/(?:api|apis)\/(v1|[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?(\/log)?$/;

interface Route {
  version: string;
  namespace?: string;
  plural: string;
  name?: string;
}

export class FakeApi {
  /** What was asked, e.g. `PATCH /apis/apps/v1/namespaces/shop/deployments/users`; watches begin with `WATCH`. */
  readonly requests: string[] = [];
  readonly objects = new Map<string, Properties>();
  /** Answers to give in place of the next ones. */
  readonly refusals: { status: number; body: Properties }[] = [];
  /** What an apply is turned into, as a server's defaults do. */
  defaults: (object: Properties) => void = () => undefined;
  private readonly watchers = new Map<http.ServerResponse, string>();
  private readonly history: { path: string; version: number; line: string }[] = [];
  private readonly server = http.createServer((request, response) => void this.answer(request, response));
  private version = 1;

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    api.server.listen(0, "127.0.0.1");
    await once(api.server, "listening");
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  kubeconfig(namespace = "shop"): string {
    return JSON.stringify({
      "current-context": "fake",
      contexts: [{ name: "fake", context: { cluster: "fake", user: "me", namespace } }],
      clusters: [{ name: "fake", cluster: { server: this.url } }],
      users: [{ name: "me", user: { token: "t" } }],
    });
  }

  provider(configuration: Properties = {}): Provider {
    return createKubernetesProvider({ kubeconfig: this.kubeconfig(), ...configuration }) as Provider;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  watches(): number {
    return this.watchers.size;
  }

  /** Changes an object as a controller would. */
  change(path: string, change: (object: Properties) => void): void {
    const object = this.objects.get(path);
    if (!object) throw new Error(`no ${path} but ${[...this.objects.keys()]}`);
    change(object);
    this.put(path, object, "MODIFIED");
  }

  put(path: string, object: Properties, type: "ADDED" | "MODIFIED" = "ADDED"): void {
    object.metadata.uid ??= randomUUID();
    object.metadata.creationTimestamp ??= new Date().toISOString();
    object.metadata.resourceVersion = String(++this.version);
    this.objects.set(path, object);
    this.tell(path, type, object);
  }

  remove(path: string): void {
    const object = this.objects.get(path);
    this.objects.delete(path);
    this.version++;
    if (!object) return;
    object.metadata.resourceVersion = String(this.version);
    this.tell(path, "DELETED", object);
  }

  /** Breaks all watches off, after a change that none of them is told of. */
  endWatches(path: string, missed: Properties): void {
    const open = [...this.watchers.keys()];
    this.watchers.clear();
    this.put(path, missed);
    this.history.length = 0;
    for (const response of open) response.end();
  }

  private tell(path: string, type: string, object: Properties): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.history.push({ path, version: this.version, line });
    for (const [response, list] of this.watchers) if (path.startsWith(`${list}/`)) response.write(line);
  }

  private watch(list: string, since: number, response: http.ServerResponse): void {
    response.writeHead(200).flushHeaders();
    for (const { path, version, line } of this.history) {
      if (version > since && path.startsWith(`${list}/`)) response.write(line);
    }
    this.watchers.set(response, list);
    response.on("close", () => this.watchers.delete(response));
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const isWatch = url.searchParams.get("watch") === "true";
    this.requests.push(`${isWatch ? "WATCH" : request.method} ${url.pathname}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
    const refusal = this.refusals.shift();
    if (refusal) return send(response, refusal.status, refusal.body);
    if (isWatch) {
      return this.watch(url.pathname, Number(url.searchParams.get("resourceVersion")), response);
    }
    const [status, answer] = this.serve(request.method ?? "GET", url, body);
    send(response, status, answer);
  }

  private serve(method: string, url: URL, body: Properties): [status: number, answer: Properties] {
    const { pathname, searchParams } = url;
    const [, version, namespace, third, fourth] = ROUTE.exec(pathname) ?? [];
    if (!KINDS[version]) return notFound(pathname);
    // `/api/v1/namespaces/x` names a namespace, not a list in it.
    const route: Route =
      namespace && !third
        ? { version, plural: "namespaces", name: namespace }
        : { version, namespace, plural: third, name: fourth };
    if (!route.plural) return [200, { resources: resourcesOf(version) }];
    if (!route.name) return [200, this.list(pathname)];
    if (method === "PATCH") return this.apply(pathname, body, searchParams);
    const found = this.objects.get(pathname);
    if (!found) return notFound(pathname);
    if (method !== "DELETE") return [200, found];
    if (found.metadata.finalizers?.length) return [200, found];
    this.remove(pathname);
    return [200, { kind: "Status", status: "Success", details: { uid: found.metadata.uid } }];
  }

  private list(path: string): Properties {
    const items = [...this.objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, object]) => object);
    return { items, metadata: { resourceVersion: String(this.version) } };
  }

  private apply(path: string, body: Properties, query: URLSearchParams): [number, Properties] {
    const manager = query.get("fieldManager") ?? "";
    const old = this.objects.get(path);
    const object: Properties = structuredClone(old ?? { metadata: {} });
    const held: Record<string, string[]> = object.metadata.heldBy ?? {};
    const asked = leaves(body);
    const conflicts = [...asked].filter(([field, value]) =>
      Object.entries(held).some(
        ([other, fields]) =>
          other !== manager && fields.includes(field) && leaves(object).get(field) !== value,
      ),
    );
    if (conflicts.length > 0 && query.get("force") !== "true") {
      const causes = conflicts.map(([field]) => ({
        reason: "FieldManagerConflict",
        message: 'conflict with "somebody" using v1',
        field: `.${field}`,
      }));
      return [409, { message: "Apply failed", details: { causes } }];
    }
    for (const field of held[manager] ?? []) if (!asked.has(field)) set(object, field.split("."), undefined);
    for (const [field, value] of asked) set(object, field.split("."), value);
    this.defaults(object);
    const before = structuredClone(old);
    object.metadata.heldBy = { ...held, [manager]: [...asked.keys()] };
    object.metadata.managedFields = Object.keys(object.metadata.heldBy).map((name) => ({
      manager: name,
      operation: "Apply",
    }));
    if (query.get("dryRun") === "All") {
      object.metadata.heldBy = before?.metadata.heldBy;
      return [200, object];
    }
    if (differences(before?.spec ?? {}, object.spec ?? {}).length > 0) {
      object.metadata.generation = (object.metadata.generation ?? 0) + 1;
    }
    this.put(path, object, old ? "MODIFIED" : "ADDED");
    return [old ? 200 : 201, object];
  }
}

/** A call about a resource, which notes what is told while it runs. */
export function callAbout(type: string, name: string, more: Partial<CallContext> = {}) {
  const said: string[] = [];
  const context: CallContext = {
    urn: `urn:pulumi:s::p::${type}::${name}`,
    type,
    name,
    signal: new AbortController().signal,
    progress: (message) => said.push(message),
    ...more,
  };
  return { context, said };
}

function leaves(value: Properties, path: string[] = []): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, part] of Object.entries(value)) {
    if (isObject(part) && Object.keys(part).length > 0) {
      for (const [field, leaf] of leaves(part, [...path, key])) found.set(field, leaf);
    } else found.set([...path, key].join("."), Array.isArray(part) ? JSON.stringify(part) : part);
  }
  return found;
}

function set(object: Properties, [key, ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    if (value === undefined) delete object[key];
    else object[key] = typeof value === "string" && /^[[{]/.test(value) ? JSON.parse(value) : value;
    return;
  }
  object[key] ??= {};
  set(object[key], rest, value);
}

const resourcesOf = (version: string) =>
  Object.entries(KINDS[version]).map(([name, [kind, namespaced]]) => ({ name, kind, namespaced }));

const notFound = (path: string): [number, Properties] => [404, { message: `${path} not found` }];

function send(response: http.ServerResponse, status: number, body: Properties): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
