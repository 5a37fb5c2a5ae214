/** Names of Cloud Map for the tasks of ECS services. */
import type { AwsClient } from "../emulator";
import type { Resolver } from "./resolver/resolver";
import type { Running } from "./running";

export class CloudMap {
  constructor(
    private readonly aws: AwsClient,
    private readonly resolver: Resolver,
  ) {}

  /** Names of Cloud Map: of tasks that run, and are healthy where the name's service has a health check. */
  async update(services: Running[]): Promise<void> {
    const records: Record<string, string[]> = {};
    for (const { service, tasks } of services) {
      for (const { registryArn } of service.serviceRegistries ?? []) {
        const { name, judged } = await this.registry(registryArn);
        const found = tasks.filter((task) => task.isRunning && (!judged || task.isHealthy));
        records[name] = [...(records[name] ?? []), ...found.map(({ address }) => address!)].sort();
      }
    }
    await this.resolver.tell(records);
  }

  private readonly registries = new Map<string, Promise<{ name: string; judged: boolean }>>();

  private registry(arn: string): Promise<{ name: string; judged: boolean }> {
    const known = this.registries.get(arn);
    if (known !== undefined) return known;
    const asked = (async () => {
      const service = await this.aws.call(
        "servicediscovery",
        "GetService",
        { Id: arn.split("/").at(-1) },
        "Service",
      );
      const { NamespaceId, DnsConfig, HealthCheckCustomConfig } = service;
      const id = NamespaceId ?? DnsConfig.NamespaceId;
      const namespace = await this.aws.call("servicediscovery", "GetNamespace", { Id: id }, "Namespace.Name");
      return {
        name: `${service.Name}.${namespace}`.toLowerCase(),
        judged: HealthCheckCustomConfig !== undefined,
      };
    })();
    this.registries.set(arn, asked);
    return asked;
  }
}
