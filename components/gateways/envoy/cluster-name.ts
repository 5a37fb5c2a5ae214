/** Name of the cluster of a service's port, which is also how the agent is asked for its instances. */
export function clusterName({ service, port }: { service: string; port?: string }): string {
  return port === undefined ? service : `${service}:${port}`;
}
