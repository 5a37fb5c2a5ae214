/** The API server's REST interface: JSON in and out, over connections that are kept. */
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Properties } from "../../provider";
import { ApiError, Unreachable } from "./errors";
import { ExecCredentials } from "./exec-credential";
import type { ClusterAccess } from "./kubeconfig";
import type { ChannelSocket } from "./socket";

export interface ApiRequest {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Left out when undefined. */
  query?: Record<string, string | number | boolean | string[] | undefined>;
  body?: Properties | Properties[];
  /** @default application/json */
  contentType?: string;
  signal?: AbortSignal;
}

/** More at once make each of them slower, and the server refuses (429) what exceeds its own limit. */
const MOST_CONNECTIONS = 32;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 250;
/** Too many requests, or a server that starts or stops. */
const PASSING_STATUSES = [429, 502, 503, 504];
const PASSING_CODES = ["ECONNRESET", "EPIPE", "ECONNREFUSED"];

export class Api {
  private readonly url: URL;
  private readonly agent: http.Agent;
  /** Watches hold their connection for minutes, so they take none of the others' places. */
  private readonly watchAgent: http.Agent;
  private readonly exec?: ExecCredentials;

  constructor(readonly access: ClusterAccess) {
    this.url = new URL(access.server);
    const { Agent } = this.url.protocol === "https:" ? https : http;
    this.agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
    this.watchAgent = new Agent({ keepAlive: true });
    if (access.exec) this.exec = new ExecCredentials(access.exec);
  }

  /** The answer's JSON; throws {@link ApiError} when the server refuses, {@link Unreachable} when none answers. */
  async request(path: string, request: ApiRequest = {}): Promise<Properties> {
    return JSON.parse(await this.text(path, request));
  }

  /** As {@link request}, for what is no JSON: logs. */
  async text(path: string, request: ApiRequest = {}): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.send(path, request, this.agent);
        return await body(response);
      } catch (error) {
        if (attempt === ATTEMPTS || request.signal?.aborted || !this.passes(error, request)) throw error;
        const seconds = error instanceof ApiError ? error.retryAfterSeconds : undefined;
        const pauseMs = seconds ? seconds * 1000 : FIRST_PAUSE_MS * 2 ** (attempt - 1);
        await delay(pauseMs, undefined, { signal: request.signal });
      }
    }
  }

  /** Each event of a watch, until the server ends it or the signal does. */
  async *watch(path: string, query: ApiRequest["query"], signal: AbortSignal): AsyncGenerator<Properties> {
    for await (const line of this.lines(path, { ...query, watch: true }, signal)) {
      if (line) yield JSON.parse(line);
    }
  }

  /** Each line of an answer that goes on, such as a followed log's, until the server ends it or the signal does. */
  async *lines(path: string, query: ApiRequest["query"], signal: AbortSignal): AsyncGenerator<string> {
    const response = await this.send(path, { query, signal }, this.watchAgent);
    yield* createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY });
  }

  /** Opens a WebSocket, for what goes both ways: running commands, reaching ports. */
  async socket(path: string, query: ApiRequest["query"], protocols: string[]): Promise<ChannelSocket> {
    const url = this.urlOf(path, query);
    url.protocol = url.protocol.replace("http", "ws");
    // Needed by few, so loaded when it is.
    const { ChannelSocket } = require("./socket") as typeof import("./socket");
    return ChannelSocket.open(url, protocols, this.access, await this.identity());
  }

  private urlOf(path: string, query: ApiRequest["query"] = {}): URL {
    const url = new URL(this.url.pathname.replace(/\/$/, "") + path, this.url);
    for (const [name, value] of Object.entries(query)) {
      for (const each of [value].flat()) {
        if (each !== undefined) url.searchParams.append(name, String(each));
      }
    }
    return url;
  }

  private passes(error: unknown, { method = "GET" }: ApiRequest): boolean {
    if (error instanceof ApiError) {
      if (error.status === 401 && this.exec) this.exec.forget();
      return PASSING_STATUSES.includes(error.status) || (error.status === 401 && this.exec !== undefined);
    }
    // A POST may have been done before its connection broke.
    return error instanceof Unreachable && PASSING_CODES.includes(error.code) && method !== "POST";
  }

  private async send(path: string, request: ApiRequest, agent: http.Agent): Promise<IncomingMessage> {
    const { method = "GET", contentType = "application/json", signal } = request;
    const url = this.urlOf(path, request.query);
    const content = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const { headers, ...identity } = await this.identity();
    const options: https.RequestOptions = {
      ...{ method, agent, signal, ...identity },
      headers: {
        accept: "application/json",
        ...headers,
        ...(content ? { "content-type": contentType, "content-length": content.length } : {}),
      },
    };
    const { request: open } = url.protocol === "https:" ? https : http;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = open(url, options, resolve);
      outgoing.on("error", (error: NodeJS.ErrnoException) =>
        reject(signal?.aborted ? error : new Unreachable(this.access, error)),
      );
      outgoing.end(content);
    });
    if ((response.statusCode ?? 500) >= 400) throw await refusal(response);
    return response;
  }

  private async identity(): Promise<https.AgentOptions & { headers: Record<string, string> }> {
    const { access } = this;
    const credential = await this.exec?.get();
    const token =
      credential?.token ??
      access.token ??
      (access.tokenFile && (await readFile(access.tokenFile, "utf8")).trim());
    const { basic } = access;
    const login = basic && Buffer.from(`${basic.username}:${basic.password}`).toString("base64");
    const authorization = token ? `Bearer ${token}` : login ? `Basic ${login}` : undefined;
    return {
      ca: access.ca,
      cert: credential?.certificate ?? access.certificate,
      key: credential?.key ?? access.key,
      servername: access.serverName,
      rejectUnauthorized: !access.skipVerification,
      headers: {
        ...(authorization ? { authorization } : {}),
        ...(access.impersonate ? { "impersonate-user": access.impersonate } : {}),
      },
    };
  }
}

async function body(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function refusal(response: IncomingMessage): Promise<ApiError> {
  const text = await body(response);
  const status = response.statusCode ?? 500;
  try {
    return new ApiError(status, JSON.parse(text), Number(response.headers["retry-after"]) || undefined);
  } catch {
    return new ApiError(status, { message: text.trim() || `${response.statusMessage}` });
  }
}
