/**
 * Which cluster to talk to and as whom, read from a kubeconfig as kubectl reads it. Knows nothing of the engine,
 * so that set-up and the command line can use it too.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import type { ExecSettings } from "./exec-credential";

/** What a program may say about the cluster, in the kubernetes package's names. */
export interface ClusterSettings {
  /** Path of a kubeconfig, or its content. */
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  namespace?: string;
}

/** Where the API server is, and how to be let in. */
export interface ClusterAccess {
  server: string;
  /** For messages: the context, and where it was read. */
  source: string;
  /** Where objects go that name no namespace. */
  namespace: string;
  ca?: Buffer;
  serverName?: string;
  skipVerification: boolean;
  certificate?: Buffer;
  key?: Buffer;
  token?: string;
  /** Read anew for each request: such tokens are short-lived. */
  tokenFile?: string;
  basic?: { username: string; password: string };
  exec?: ExecSettings;
  impersonate?: string;
}

/** The machine, so that tests can give another one. */
export interface Surroundings {
  environment: Record<string, string | undefined>;
  home: string;
  /** Where a pod finds its service account. */
  serviceAccount: string;
}

const thisMachine = (): Surroundings => ({
  environment: process.env,
  home: os.homedir(),
  serviceAccount: "/var/run/secrets/kubernetes.io/serviceaccount",
});

// biome-ignore lint/suspicious/noExplicitAny: a kubeconfig is open YAML, checked where it is used
type Section = Record<string, any>;

interface Kubeconfig {
  source: string;
  /** That relative paths in it start from. */
  directory: string;
  content: Section;
}

export function clusterAccess(settings: ClusterSettings, machine = thisMachine()): ClusterAccess {
  const files = readKubeconfigs(settings.kubeconfig, machine);
  const inPod = machine.environment.KUBERNETES_SERVICE_HOST !== undefined;
  if (files.length === 0 && inPod) return podAccess(settings, machine);
  const source = files.map((file) => file.source).join(", ") || "no kubeconfig";
  const contextName = settings.context || files.map((file) => file.content["current-context"]).find(Boolean);
  const { entry: context } = named(files, "contexts", "context", contextName, source);
  const clusterName = settings.cluster || context?.cluster;
  const { entry: cluster, file } = named(files, "clusters", "cluster", clusterName, source);
  if (!cluster?.server) {
    const how = contextName
      ? `its context "${contextName}" leads to no cluster`
      : "it has no current context";
    throw new Error(
      `There is no cluster to talk to: in ${source}, ${how}. Set \`kubeconfig\` and \`context\` of the kubernetes provider.`,
    );
  }
  const { entry: user, file: userFile } = named(files, "users", "user", context?.user, source);
  if (cluster["proxy-url"]) {
    throw new Error(
      `The cluster "${clusterName}" of ${source} is behind a proxy (proxy-url), which the embedded engine does not speak. Deploy with Pulumi's CLI.`,
    );
  }
  return {
    server: cluster.server,
    source: `context "${contextName}" of ${source}`,
    namespace: settings.namespace || context?.namespace || "default",
    ca: material(cluster, "certificate-authority", file),
    serverName: cluster["tls-server-name"],
    skipVerification: cluster["insecure-skip-tls-verify"] === true,
    ...(user ? identity(user, context?.user, userFile) : {}),
  };
}

function identity(user: Section, name: string, file: Kubeconfig | undefined): Partial<ClusterAccess> {
  if (user["auth-provider"]) {
    throw new Error(
      `The user "${name}" logs in by an auth-provider, which Kubernetes has removed. Use an exec credential plugin in its place.`,
    );
  }
  const { username, password, exec } = user;
  return {
    certificate: material(user, "client-certificate", file),
    key: material(user, "client-key", file),
    token: user.token,
    tokenFile: user.tokenFile && path.resolve(file?.directory ?? ".", user.tokenFile),
    basic: username ? { username, password: password ?? "" } : undefined,
    exec: exec && { ...exec, directory: file?.directory },
    impersonate: user.as,
  };
}

/** A certificate or key, given in the file or as the path of another one. */
function material(section: Section, name: string, file: Kubeconfig | undefined): Buffer | undefined {
  const inline = section[`${name}-data`];
  if (inline) return Buffer.from(inline, "base64");
  return section[name] ? fs.readFileSync(path.resolve(file?.directory ?? ".", section[name])) : undefined;
}

function named(
  files: Kubeconfig[],
  list: string,
  key: string,
  name: string | undefined,
  source: string,
): { entry?: Section; file?: Kubeconfig } {
  if (!name) return {};
  const entries = files.flatMap((file) =>
    (file.content[list] ?? []).map((entry: Section) => ({ file, entry })),
  );
  const found = entries.find(({ entry }) => entry.name === name);
  if (!found) {
    const known = entries.map(({ entry }) => entry.name).join(", ") || "none";
    throw new Error(`There is no ${key} "${name}" in ${source}; it has ${known}.`);
  }
  return { file: found.file, entry: found.entry[key] ?? {} };
}

function readKubeconfigs(given: string | undefined, { environment, home }: Surroundings): Kubeconfig[] {
  if (given) {
    const file = given.startsWith("~/") ? path.join(home, given.slice(2)) : given;
    if (!given.includes("\n") && !given.trimStart().startsWith("{")) return [readKubeconfig(file)];
    return [parsed(given, "the provider's kubeconfig", process.cwd())];
  }
  const listed = environment.KUBECONFIG?.split(path.delimiter).filter(Boolean);
  const files = listed?.length ? listed : [path.join(home, ".kube", "config")];
  return files.filter((file) => fs.existsSync(file)).map(readKubeconfig);
}

function readKubeconfig(file: string): Kubeconfig {
  if (!fs.existsSync(file)) {
    throw new Error(`The kubeconfig ${file} does not exist. Set \`kubeconfig\` to the path of yours.`);
  }
  return parsed(fs.readFileSync(file, "utf8"), file, path.dirname(path.resolve(file)));
}

function parsed(text: string, source: string, directory: string): Kubeconfig {
  const content = parse(text);
  if (content === null || typeof content !== "object") throw new Error(`${source} is not a kubeconfig.`);
  return { source, directory, content };
}

function podAccess(settings: ClusterSettings, { environment, serviceAccount }: Surroundings): ClusterAccess {
  const read = (name: string) => fs.readFileSync(path.join(serviceAccount, name));
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  return {
    server: `https://${host?.includes(":") ? `[${host}]` : host}:${port}`,
    source: "the pod's service account",
    namespace: settings.namespace || read("namespace").toString().trim() || "default",
    ca: read("ca.crt"),
    skipVerification: false,
    tokenFile: path.join(serviceAccount, "token"),
  };
}
