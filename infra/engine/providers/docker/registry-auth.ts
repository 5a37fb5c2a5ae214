/** The credentials of image registries, from the provider's configuration and from nowhere else. */
import type { Properties } from "../../provider";

export interface Credentials {
  /** Host of the registry, with its port where it has one. */
  address: string;
  username: string;
  password: string;
}

/** What Docker Hub is called in the daemon's credentials. */
const DOCKER_HUB = "https://index.docker.io/v1/";
const HUB_NAMES = new Set(["", "docker.io", "index.docker.io", "registry-1.docker.io"]);

export function parseRegistryAuth(value: unknown): Credentials[] {
  const entries: Properties[] = typeof value === "string" ? JSON.parse(value) : (value ?? []);
  return entries.map((entry) => {
    const { address, username, password, ...others } = entry;
    const refused = Object.keys(others).find((key) => others[key] && !key.startsWith("__"));
    if (refused) {
      const known = "address, username and password";
      throw new Error(
        `docker provider: registryAuth.${refused} is not served by the embedded engine. Write ${known}.`,
      );
    }
    if (!address || !username || !password) {
      throw new Error(
        `docker provider: registryAuth for "${address ?? ""}" needs address, username and password.`,
      );
    }
    return { address: hostOf(address), username, password };
  });
}

const hostOf = (address: string): string => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

/** The registry's host in an image reference, "" for Docker Hub. */
export function registryOf(reference: string): string {
  const [first, ...rest] = reference.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "";
}

/** What to send with a pull of the reference. */
export function authFor(reference: string, credentials: Credentials[]): Properties | undefined {
  const registry = registryOf(reference);
  const same = (address: string) =>
    address === registry || (HUB_NAMES.has(address) && HUB_NAMES.has(registry));
  const found = credentials.find(({ address }) => same(address));
  return found && { username: found.username, password: found.password, serveraddress: found.address };
}

/** What to send with a build, whose Dockerfile may start from images of any registry. */
export const registryConfig = (
  credentials: Credentials[],
): Record<string, { username: string; password: string }> =>
  Object.fromEntries(
    credentials.map(({ address, username, password }) => [
      HUB_NAMES.has(address) ? DOCKER_HUB : address,
      { username, password },
    ]),
  );
