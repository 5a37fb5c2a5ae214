/** Whether the Docker daemon runs on another machine. */

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The machine of a daemon that is reached over a network.
 *
 * @example remoteHost("ssh://me@server"); // "server"
 * @example remoteHost("unix:///var/run/docker.sock"); // undefined
 */
export function remoteHost(url: string): string | undefined {
  const [, host] = /^(?:tcp|http|https|ssh):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/.exec(url) ?? [];
  return host === undefined || loopback.test(host) ? undefined : host;
}
