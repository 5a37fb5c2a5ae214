/** A platform that runs nothing: it records what the classes ask of it. */
import * as pulumi from "@pulumi/pulumi";
import type { ImageName } from "../components";
import type {
  Autoscaler,
  Discovery,
  Exposed,
  Exposure,
  ImageBuild,
  ImageCredentials,
  Platform,
  ScalingSpec,
  Workload,
  WorkloadSpec,
} from "../components/platform";

export class FakeWorkload extends pulumi.ComponentResource implements Workload {
  readonly address: pulumi.Output<string>;

  constructor(
    name: string,
    readonly spec: WorkloadSpec,
    parent: pulumi.Resource,
  ) {
    super("test:index:Workload", name, {}, { parent });
    this.address = pulumi.output(`${name}.internal`);
  }
}

export class FakePlatform implements Platform<FakeWorkload> {
  readonly namespace = "shop-test";
  readonly agentImage = "agent:1";
  readonly proxiesInFront = 0;
  readonly names: Discovery = { arguments: ["--registry", "native"], bundles: [] };
  readonly images: { name: string; build: ImageBuild }[] = [];
  readonly pulls: { name: string; reference: unknown; credentials?: ImageCredentials }[] = [];
  readonly connections: { from: string; to: string; port?: string }[] = [];
  readonly exposures: { name: string; exposure: Exposure }[] = [];
  readonly scalings: { name: string; scaling: ScalingSpec; workload: FakeWorkload }[] = [];
  private readonly workloads = new Map<FakeWorkload, string>();

  address(workload: string): string {
    return workload;
  }

  catalogued(name: ImageName): string {
    return `catalogue/${name}:1`;
  }

  image(name: string, build: ImageBuild): string {
    this.images.push({ name, build });
    return `built/${name}:1`;
  }

  pull(
    name: string,
    reference: pulumi.Input<string>,
    credentials: ImageCredentials | undefined,
  ): pulumi.Input<string> {
    this.pulls.push({ name, reference, credentials });
    return reference;
  }

  run(name: string, spec: WorkloadSpec, parent: pulumi.Resource): FakeWorkload {
    const workload = new FakeWorkload(name, spec, parent);
    this.workloads.set(workload, name);
    return workload;
  }

  connect(from: FakeWorkload, to: string, port: string | undefined): void {
    this.connections.push({ from: this.workloads.get(from)!, to, port });
  }

  expose(name: string, _workload: FakeWorkload, exposure: Exposure): Exposed {
    this.exposures.push({ name, exposure });
    return { url: pulumi.output(`http://${name}.test:${exposure.listeners[0].port}`) };
  }

  autoscale(name: string, scaling: ScalingSpec, workload: FakeWorkload): Autoscaler {
    this.scalings.push({ name, scaling, workload });
    return { enforced: true };
  }

  /** Names of all workloads that run here. */
  get running(): string[] {
    return [...this.workloads.values()];
  }
}
