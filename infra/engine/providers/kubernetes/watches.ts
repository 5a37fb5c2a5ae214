/**
 * Live views of the cluster's objects. All who wait for objects of one kind in one namespace share one watch, so
 * that hundreds of waits cost the API server one request.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Properties } from "../../provider";
import type { Api } from "./api";
import { listPath, type ServedKind } from "./discovery";
import { ApiError } from "./errors";

/** How long a view stays open that nobody uses: the next wait comes soon in a run. */
const LINGER_MS = 1000;
const PAGE_SIZE = 500;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const GONE = 410;

/** What the objects of a view are found by. */
export type KeyOf = (object: Properties) => string | undefined;

export const byName: KeyOf = (object) => object.metadata.name;

export class Watches {
  private readonly views = new Map<string, View>();

  constructor(private readonly api: Api) {}

  /** A view of a kind's objects; whoever opens one closes it. `keyOf` is the same for all views of a kind. */
  open(served: ServedKind, namespace: string | undefined, keyOf: KeyOf = byName): View {
    const path = listPath(served, namespace);
    let view = this.views.get(path);
    if (!view) {
      view = new View(this.api, path, keyOf, () => this.views.delete(path));
      this.views.set(path, view);
    }
    view.retain();
    return view;
  }
}

export class View {
  /** Settles when the view has what is there; rejects when that cannot be read, e.g. for want of rights. */
  readonly ready: Promise<void>;
  private readonly objects = new Map<string, Map<string, Properties>>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly stop = new AbortController();
  private version = "0";
  private users = 0;
  private linger?: NodeJS.Timeout;

  constructor(
    private readonly api: Api,
    private readonly path: string,
    private readonly keyOf: KeyOf,
    private readonly onStop: () => void,
  ) {
    this.ready = new Promise((resolve, reject) => {
      void this.follow(resolve).catch((error) => {
        this.onStop();
        reject(error);
      });
    });
    this.ready.catch(() => undefined); // told to those who wait for it
  }

  retain(): void {
    this.users++;
    clearTimeout(this.linger);
  }

  close(): void {
    if (--this.users > 0) return;
    this.linger = setTimeout(() => {
      this.onStop();
      this.stop.abort();
    }, LINGER_MS);
  }

  /** The objects that have the key. */
  of(key: string): Properties[] {
    return [...(this.objects.get(key)?.values() ?? [])];
  }

  /** Whether the view is as new as a version of an object. */
  sees(resourceVersion: string): boolean {
    return BigInt(this.version) >= BigInt(resourceVersion);
  }

  /** Calls back whenever objects with the key come, change or go, until the returned function is called. */
  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(key);
    };
  }

  private async follow(onReady: () => void): Promise<void> {
    const { signal } = this.stop;
    let isReady = false;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; ) {
      try {
        await this.list();
        isReady = true;
        onReady();
        pauseMs = FIRST_PAUSE_MS;
        while (!signal.aborted) await this.watchOn();
      } catch (error) {
        if (signal.aborted) return;
        if (!isReady && error instanceof ApiError) throw error;
        const listAgainAtOnce = error instanceof ApiError && error.status === GONE;
        if (!listAgainAtOnce) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  private async list(): Promise<void> {
    const found: Properties[] = [];
    let next: string | undefined;
    do {
      const query = { limit: PAGE_SIZE, continue: next };
      const page = await this.api.request(this.path, { query, signal: this.stop.signal });
      found.push(...page.items);
      this.version = page.metadata.resourceVersion;
      next = page.metadata.continue || undefined;
    } while (next);
    const before = new Set(this.objects.keys());
    this.objects.clear();
    for (const object of found) before.add(this.put(object));
    for (const key of before) this.notify(key);
  }

  /** Follows one watch to its end. */
  private async watchOn(): Promise<void> {
    const query = { resourceVersion: this.version, allowWatchBookmarks: true };
    for await (const { type, object } of this.api.watch(this.path, query, this.stop.signal)) {
      if (type === "ERROR") throw new ApiError(object.code, object);
      this.version = object.metadata.resourceVersion;
      if (type === "BOOKMARK") continue;
      const key = type === "DELETED" ? this.remove(object) : this.put(object);
      this.notify(key);
    }
  }

  private put(object: Properties): string {
    const key = this.keyOf(object) ?? "";
    const objects = this.objects.get(key) ?? new Map<string, Properties>();
    this.objects.set(key, objects.set(object.metadata.name, object));
    return key;
  }

  private remove(object: Properties): string {
    const key = this.keyOf(object) ?? "";
    const objects = this.objects.get(key);
    objects?.delete(object.metadata.name);
    if (objects?.size === 0) this.objects.delete(key);
    return key;
  }

  private notify(key: string): void {
    for (const listener of [...(this.listeners.get(key) ?? [])]) listener();
  }
}
