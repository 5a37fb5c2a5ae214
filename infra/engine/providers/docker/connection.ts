/**
 * Which Docker daemon to talk to, decided as the docker command decides: what is asked for, else DOCKER_HOST,
 * else the docker context in use, else the usual socket. Knows nothing of the engine, so that set-up and the
 * command line can use it too.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type Docker from "dockerode";

/** What a program may say about the daemon, in the docker package's names. */
export interface DaemonSettings {
  /** E.g. `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`, `ssh://user@host`, `npipe:////./pipe/docker_engine`. */
  host?: string;
  /** Name of a docker context; goes before `host`. */
  context?: string;
  /** Folder with ca.pem, cert.pem and key.pem. */
  certPath?: string;
  /** The three as PEM texts. */
  caMaterial?: string;
  certMaterial?: string;
  keyMaterial?: string;
}

export interface Certificates {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
}

export interface DaemonAddress {
  url: string;
  /** Where the address came from, for messages. */
  source: string;
  certificates?: Certificates;
  /** Where a docker context keeps them. */
  certificateFolder?: string;
}

/** The machine, so that tests can give another one. */
export interface Surroundings {
  environment: Record<string, string | undefined>;
  home: string;
  operatingSystem: NodeJS.Platform;
}

const thisMachine = (): Surroundings => ({
  environment: process.env,
  home: os.homedir(),
  operatingSystem: process.platform,
});

/** A client of the daemon. */
export function dockerConnection(settings: DaemonSettings = {}): Docker {
  // Required when first used: whoever asks for an address only needs no client.
  const Client: typeof Docker = require("dockerode");
  return new Client(clientOptions(daemonAddress(settings)));
}

/** The daemon's address and where it came from, e.g. `unix:///var/run/docker.sock (default)`. */
export function describeDaemon(settings: DaemonSettings = {}): string {
  const { url, source } = daemonAddress(settings);
  return `${url} (${source})`;
}

export function daemonAddress(settings: DaemonSettings, machine = thisMachine()): DaemonAddress {
  const { environment } = machine;
  if (settings.context) return contextAddress(settings.context, "provider configuration", machine);
  if (settings.host) {
    return {
      url: settings.host,
      source: "provider configuration",
      certificates: givenCertificates(settings),
    };
  }
  if (environment.DOCKER_HOST) {
    const certificates = givenCertificates(settings) ?? environmentCertificates(machine);
    return { url: environment.DOCKER_HOST, source: "DOCKER_HOST", certificates };
  }
  const context = environment.DOCKER_CONTEXT ?? currentContext(machine);
  if (context && context !== "default") {
    const source = environment.DOCKER_CONTEXT ? "DOCKER_CONTEXT" : "current docker context";
    return contextAddress(context, source, machine);
  }
  return { url: defaultSocket(machine), source: "default" };
}

/**
 * What leads a program to the same daemon that knows DOCKER_HOST and DOCKER_CONTEXT, but neither the context in use
 * nor Docker Desktop's own socket.
 */
export function daemonEnvironment(machine = thisMachine()): Record<string, string> {
  const { DOCKER_HOST, DOCKER_CONTEXT } = machine.environment;
  if (DOCKER_HOST || DOCKER_CONTEXT) return {};
  const { url, certificates, certificateFolder } = daemonAddress({}, machine);
  const secure = certificates && certificateFolder;
  return {
    DOCKER_HOST: url,
    ...(secure ? { DOCKER_CERT_PATH: certificateFolder, DOCKER_TLS_VERIFY: "1" } : {}),
  };
}

/** What the client library takes; every field is given, since it would fill gaps from DOCKER_HOST. */
export function clientOptions({ url, certificates }: DaemonAddress): Docker.DockerOptions {
  const options = {
    host: undefined,
    port: undefined,
    username: undefined,
    protocol: "http" as "http" | "https" | "ssh",
    socketPath: undefined as string | undefined,
    pathPrefix: "/",
    ca: certificates?.ca,
    cert: certificates?.cert,
    key: certificates?.key,
  };
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(url)?.[1];
  if (socket) return { ...options, socketPath: socket };
  const parsed = parseUrl(url);
  if (parsed.protocol === "ssh:") {
    const sshOptions = { agent: process.env.SSH_AUTH_SOCK };
    const { hostname: host, port, username } = parsed;
    return {
      ...options,
      host,
      port: port || 22,
      username: username || os.userInfo().username,
      protocol: "ssh",
      sshOptions,
    };
  }
  const secure = parsed.protocol === "https:" || certificates !== undefined;
  const port = parsed.port || (secure ? 2376 : 2375);
  return { ...options, host: parsed.hostname, port, protocol: secure ? "https" : "http" };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ["tcp:", "http:", "https:", "ssh:"].includes(url.protocol) && url.hostname) return url;
  const known = "unix:///path, npipe:////./pipe/name, tcp://host:port or ssh://user@host";
  throw new Error(`The Docker daemon's address "${text}" is not understood. Write ${known}.`);
}

const CERTIFICATE_FILES = { ca: "ca.pem", cert: "cert.pem", key: "key.pem" };

function certificatesIn(directory: string): Certificates | undefined {
  const found = Object.entries(CERTIFICATE_FILES)
    .map(([name, file]) => [name, path.join(directory, file)])
    .filter(([, file]) => fs.existsSync(file))
    .map(([name, file]) => [name, fs.readFileSync(file)]);
  return found.length ? Object.fromEntries(found) : undefined;
}

function givenCertificates(settings: DaemonSettings): Certificates | undefined {
  const { caMaterial: ca, certMaterial: cert, keyMaterial: key, certPath } = settings;
  if (ca || cert || key) return { ca, cert, key };
  return certPath ? certificatesIn(certPath) : undefined;
}

function environmentCertificates({ environment, home }: Surroundings): Certificates | undefined {
  if (environment.DOCKER_CERT_PATH) return certificatesIn(environment.DOCKER_CERT_PATH);
  return environment.DOCKER_TLS_VERIFY ? certificatesIn(configDirectory({ environment, home })) : undefined;
}

const configDirectory = ({ environment, home }: Pick<Surroundings, "environment" | "home">): string =>
  environment.DOCKER_CONFIG ?? path.join(home, ".docker");

function currentContext(machine: Surroundings): string | undefined {
  const file = path.join(configDirectory(machine), "config.json");
  if (!fs.existsSync(file)) return undefined;
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")).currentContext;
  } catch (error) {
    throw new Error(`${file} is not valid JSON: ${(error as Error).message}. Mend it, or set DOCKER_HOST.`);
  }
}

function contextAddress(name: string, source: string, machine: Surroundings): DaemonAddress {
  const id = createHash("sha256").update(name).digest("hex");
  const contexts = path.join(configDirectory(machine), "contexts");
  if (name === "default") return { url: defaultSocket(machine), source };
  const file = path.join(contexts, "meta", id, "meta.json");
  if (!fs.existsSync(file)) {
    throw new Error(
      `There is no docker context "${name}" (${source}). "docker context ls" shows those that there are.`,
    );
  }
  const url: string | undefined = JSON.parse(fs.readFileSync(file, "utf8")).Endpoints?.docker?.Host;
  if (!url) throw new Error(`The docker context "${name}" (${source}) has no address of a daemon.`);
  const certificateFolder = path.join(contexts, "tls", id, "docker");
  const certificates = certificatesIn(certificateFolder);
  return { url, source: `docker context "${name}"`, certificates, certificateFolder };
}

function defaultSocket({ home, operatingSystem }: Surroundings): string {
  if (operatingSystem === "win32") return "npipe:////./pipe/docker_engine";
  const usual = "/var/run/docker.sock";
  // Docker Desktop makes the usual socket only when it is allowed to.
  const desktop = path.join(home, ".docker/run/docker.sock");
  return `unix://${!fs.existsSync(usual) && fs.existsSync(desktop) ? desktop : usual}`;
}
